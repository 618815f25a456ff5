"""Facts about releases: kernels, package managers, restarts, words of fix states, support dates."""
