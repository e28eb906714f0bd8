package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoundingTargetTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/logout",
        "/users/sign_out?x",
        "/Item/Delete?id=7",
        "/admin/",
        "/orders/7/cancel",
        "/p/7?add-to-cart=7",
        "/cart/add?id=7",
        "/AddToBasket/7",
        "/account/activate/8f2",
        "/confirm?id=8f2",
        "/verify-email/8f2",
        "/polls/7/vote",
        "/in?access_token=8f2"
      })
  void itDoes(String target) {
    assertThat(SoundingTarget.isOfDeed(target)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/headphones/noise-cancelling-700",
        "/cart",
        "/devotees",
        "/products/42?sort=added",
        "/blog/unconfirmed-reports"
      })
  void itDoesNot(String target) {
    assertThat(SoundingTarget.isOfDeed(target)).isFalse();
  }
}
