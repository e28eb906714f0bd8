# Sourced by ./freshet and test.sh: finds a JDK, builds, chooses JVM flags. Plain enough for bash 3.2.

# Each process that these functions start takes milliseconds of every start of the program, so they do with bash what bash can do.

# Sets `major` to the version of a JDK's folder, or to nothing: from its release file, so that no JVM has to start.
jdk_major() {
  local line
  major=
  [ -x "$1/bin/javac" ] && [ -f "$1/release" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in JAVA_VERSION=\"[0-9]*)
      line=${line#*\"}
      major=${line%%[!0-9]*}
      return 0 ;;
    esac
  done <"$1/release"
}

# Prints the first JDK 25 or newer among the usual places.
find_jdk() {
  local on_path candidate major
  on_path=$(command -v javac || true)
  if [ -n "$on_path" ]; then
    while [ -L "$on_path" ]; do
      candidate=$(readlink "$on_path")
      case $candidate in /*) on_path=$candidate ;; *) on_path=${on_path%/*}/$candidate ;; esac
    done
    on_path=${on_path%/*/*}
  fi
  for candidate in "${JAVA_HOME:-}" "$on_path" \
    ${FRESHET_JDK_PLACES:-/usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
      /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
      /Library/Java/JavaVirtualMachines/*/Contents/Home}; do
    [ -n "$candidate" ] || continue
    jdk_major "$candidate"
    if [ -n "$major" ] && [ "$major" -ge 25 ]; then
      echo "$candidate"
      return 0
    fi
  done
  if [ -x /usr/libexec/java_home ]; then
    /usr/libexec/java_home -v 25+ 2>/dev/null && return 0
  fi
  return 1
}

# True when there is no built program, or a source is newer than it.
needs_build() {
  local newer=
  [ -f "$2/built" ] || return 0
  [ -d "$1/app/src" ] || return 1
  read -r newer < <(find "$1"/pom.xml "$1"/*/pom.xml "$1"/*/src/main -newer "$2/built" -type f 2>/dev/null) || true
  [ -n "$newer" ]
}

# Finds Maven, or installs it where that is possible without asking.
find_maven() {
  command -v mvn && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "freshet: installing Maven ..." >&2
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends maven) >/dev/null 2>&1
    command -v mvn && return 0
  fi
  echo "freshet: Maven 3.8 or newer is needed to build and was not found: install it (for example: apt install maven, brew install maven)." >&2
  return 1
}

build() {
  local mvn log
  mvn=$(find_maven) || return 1
  log=$(mktemp)
  if (cd "$1" && MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow" "$mvn" -q -B -Dquick -Dmaven.test.skip=true -pl app -am package >"$log" 2>&1); then
    rm -f "$log" "$1/app/target/freshet/freshet.aot"
    touch "$1/app/target/freshet/built"
    return 0
  fi
  echo "freshet: the build failed; its last lines:" >&2
  tail -n 30 "$log" >&2
  rm -f "$log"
  return 1
}

# Sets `memory` to the megabytes that this process may use: the container's limit, or the machine's.
memory_mb() {
  local limit= name size
  memory=
  while read -r name size _; do
    [ "$name" != MemTotal: ] || { memory=$((size / 1024)); break; }
  done 2>/dev/null </proc/meminfo || true
  [ -n "$memory" ] || memory=$(($(sysctl -n hw.memsize 2>/dev/null || echo 2147483648) / 1048576))
  { read -r limit </sys/fs/cgroup/memory.max; } 2>/dev/null || true
  case $limit in '' | *[!0-9]*) ;; *) limit=$((limit / 1048576)); [ "$limit" -ge "$memory" ] || memory=$limit ;; esac
}

# What every start needs. The heap is bounded by two fifths of the memory; the cache's own bound is in the configuration.
# A young generation of fixed size: hits leave little behind, so collections are rare and short instead of frequent.
# What outlives two collections is the program itself or cached: it leaves the young generation then, instead of being copied fifteen times.
# Who is left alone gives memory back: after half a minute without a collection there is one (JEP 346), and what the heap does not need beyond as
# much again goes to the system, as does what malloc keeps. InitialHeapSize, not Xms, which would also be the least there ever is.
# No sampling of buffers for leaks: it costs 3 % of a hit; the tests look at every buffer instead.
# Names of connections are made of a constant and this process's number: netty would look through the network cards and ask Java by reflection.
# Reflection without code of its own for each method: that pays after thousands of calls, and costs milliseconds before the first byte is served.
# No refinement threads: connections are old objects that each request writes to, and those threads would take the loops' processor.
jvm_flags() {
  local heap memory
  memory_mb
  heap=$((memory * 2 / 5))
  [ "$heap" -ge 384 ] || heap=384
  echo "-XX:+UseG1GC -XX:G1ConcRefinementThreads=0 -XX:MaxTenuringThreshold=2 -XX:InitialHeapSize=256m -XX:MinHeapSize=32m -Xmn128m -Xmx${heap}m -XX:G1PeriodicGCInterval=30000 -XX:MaxHeapFreeRatio=50 -XX:MinHeapFreeRatio=20 -XX:TrimNativeHeapInterval=60000 -XX:+UseCompactObjectHeaders -XX:+ExitOnOutOfMemoryError -Dio.netty.allocator.type=pooled -Dio.netty.leakDetection.level=disabled -Dio.netty.jfr.enabled=false -Dio.netty.machineId=66:72:65:73:68:65:74:01 -Dio.netty.processId=$$ -Djdk.reflect.useNativeAccessorOnly=true" \
    "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
}
