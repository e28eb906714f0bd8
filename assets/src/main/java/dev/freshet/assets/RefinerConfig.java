package dev.freshet.assets;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a [Refiner] works with.
///
/// @param esbuild asked for when it is needed; throws [dev.freshet.base.Trouble.Found] where there
///   is none
/// @param libvips the one libvips to use, or null
/// @param beside a folder where a library that comes along would lie, or null
/// @param unpacked a folder of this user's for a library that comes along inside the program
/// @param memory octets that it may keep of what it made
public record RefinerConfig(
    Supplier<Esbuild> esbuild,
    @Nullable Path libvips,
    @Nullable Path beside,
    Path unpacked,
    long memory) {}
