package dev.larder.ui;

import java.net.URI;
import java.util.Locale;
import java.util.Set;

/**
 * Whether a page of ours is asking. Cookies go along with whatever any page asks for, so a change
 * and a socket need more than a cookie: the browser's word for which page it was.
 *
 * <p>Who sends neither {@code Origin} nor {@code Sec-Fetch-Site} is no browser, has no cookie that
 * is not its own, and may pass.
 */
record Origins(Set<String> others) {

    boolean isOurs(String origin, String fetchSite, String host) {
        if (origin == null) {
            return fetchSite == null || fetchSite.equals("same-origin") || fetchSite.equals("none");
        }
        if (others.contains(origin)) {
            return true;
        }
        String authority = authorityOf(origin);
        return authority != null && host != null && authority.equals(host.toLowerCase(Locale.ROOT));
    }

    /**
     * Host and, where it is not the scheme's own, port; null for {@code null} and other oddities.
     */
    private static String authorityOf(String origin) {
        try {
            URI uri = URI.create(origin);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            return web && uri.getAuthority() != null
                    ? uri.getAuthority().toLowerCase(Locale.ROOT)
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
