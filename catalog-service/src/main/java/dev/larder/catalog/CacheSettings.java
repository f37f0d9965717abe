package dev.larder.catalog;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What a deployment may set; the properties file says what each is for. */
@ConfigMapping(prefix = "larder.catalog.cache")
interface CacheSettings {

    Duration ttl();

    Duration negativeTtl();

    double jitter();

    Duration storeTimeout();

    int databasePlaces();

    Duration databasePatience();

    Duration staleWhileRevalidate();

    Duration staleIfError();

    Duration softTimeout();

    Duration hardTimeout();

    int hotEntries();

    /** The usual patterns; a request may ask for another. */
    @WithDefault("lazy")
    ReadPattern productPattern();

    @WithDefault("stale-while-revalidate")
    ReadPattern searchPattern();

    @WithDefault("lazy")
    ReadPattern categoriesPattern();

    @WithDefault("write-through")
    WritePattern writePattern();
}
