package dev.freshet.live;

/// Figures of this moment.
///
/// @param clients connected
/// @param subscriptions of all clients together
/// @param topics answers that are followed: subscribers who are given the same answer share one
/// @param fetches under way
/// @param waiting fetches that wait for their turn
/// @param attached whether there is a feed to follow
public record LiveSnapshot(
    int clients, int subscriptions, int topics, int fetches, int waiting, boolean attached) {}
