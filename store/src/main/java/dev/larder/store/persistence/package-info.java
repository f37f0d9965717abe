/**
 * How data outlives the process and travels between servers: values in the object format of the
 * real servers (DUMP, RESTORE), files of them (SAVE, BGSAVE, loading), and digests of what is kept.
 */
package dev.larder.store.persistence;
