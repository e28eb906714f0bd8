package dev.freshet.gateway;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Version;

/// What Hibernate keeps in the tests.
@Entity
class Article {
  @Id
  @GeneratedValue(strategy = GenerationType.SEQUENCE)
  long id;

  @Column(nullable = false, unique = true)
  String name;

  int price;

  @Version int version;

  protected Article() {
    name = "";
  }

  Article(String name, int price) {
    this.name = name;
    this.price = price;
  }

  @Override
  public String toString() {
    return id + " " + name + " " + price + " " + version;
  }
}
