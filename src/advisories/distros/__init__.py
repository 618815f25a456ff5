"""Facts about releases: kernels, identities, vendors, package managers, restarts, fix states, support dates."""
