"""Our findings on real hosts beside those of other tools on the same input: ``make accuracy`` writes docs/accuracy.md.

Whatever stands beside ours is made without our readers and our matching: joins read the feed and the list themselves
and compare versions by librpm or libapt, and tools are run, or their recorded results are read.
"""
