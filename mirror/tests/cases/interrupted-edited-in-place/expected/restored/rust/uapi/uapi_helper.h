/* The tree's own. */
