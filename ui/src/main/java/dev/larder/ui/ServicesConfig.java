package dev.larder.ui;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import java.net.URI;
import java.util.Map;

/** Where the services are. */
@ConfigMapping(prefix = "larder.services")
interface ServicesConfig {

    /** By name, which is the first part of a service's path behind {@code /api/}. */
    @WithParentName
    Map<String, Service> byName();

    interface Service {
        /** Scheme {@code http}, host and port; no path. */
        URI url();
    }
}
