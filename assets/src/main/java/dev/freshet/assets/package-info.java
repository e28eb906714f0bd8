/// **Purpose.** Makes what a page ships smaller and sooner shown, without changing what it means.
/// **Start here.** [Assets] for pages that pass, with [HtmlScanner], which finds tags without
/// parsing; [AssetBuild] for a front-end of one's own; [SiteAudit] for a site as it is, and
/// [PageTimer] for how long its pages take. **Not here.** What is cached, coded and sent is
/// `edge`'s; it asks here by functions that are given to it. **Threads.** [Assets] and [Pictures]
/// may be used by any, a [PageRewriter] by one at a time; a build or an audit runs on its caller's.
/// **Limits.** A tag beyond 16 kB is passed on as it is, sizes of pictures and pages that wait for
/// them are bounded by [Pictures]; nothing of a page is held back but the tag that is being read.
/// Programs that are run have a time limit. **When it fails.** What can't be read with certainty
/// ends the rewriting of that page: the rest passes through octet by octet. A build that fails
/// leaves what was built before.
@NullMarked
package dev.freshet.assets;

import org.jspecify.annotations.NullMarked;
