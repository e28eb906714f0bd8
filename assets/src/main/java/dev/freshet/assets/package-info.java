/// **Purpose.** Makes what a page ships smaller and sooner shown, without changing what it means.
/// **Start here.** [Assets] for pages that pass, [AssetBuild] for a front-end of one's own, then
/// [HtmlScanner], which finds tags without parsing the page. **Not here.** What is cached, coded
/// and sent is `edge`'s; it asks here by functions that are given to it. **Threads.** [Assets] and
/// [Pictures] may be used by any, a [PageRewriter] by one at a time. **Limits.** A tag beyond 16 kB
/// is passed on as it is, sizes of pictures and pages that wait for them are bounded by [Pictures];
/// nothing of a page is held back but the tag that is being read. **When it fails.** What can't be
/// read with certainty ends the rewriting of that page: the rest passes through octet by octet.
@NullMarked
package dev.freshet.assets;

import org.jspecify.annotations.NullMarked;
