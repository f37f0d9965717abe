package dev.larder.ui;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.ext.web.RoutingContext;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.ProxyContext;

/**
 * A service's Swagger UI names its documents from the root of its own address; here it has none.
 */
final class Docs {
    private static final String PATH = "/q/swagger-ui";
    private static final int PAGE_BYTES_MAX = 256 * 1024;

    private Docs() {}

    static boolean areAt(String uri) {
        return uri.startsWith(PATH);
    }

    static Future<Void> at(String service, RoutingContext call, ProxyContext context) {
        MultiMap headers = context.response().headers();
        String root = "/services/" + service + "/q/";
        String location = headers.get("Location");
        if (location != null && location.startsWith("/q/")) {
            headers.set("Location", root + location.substring("/q/".length()));
        }
        String type = headers.get("Content-Type");
        if (type == null || !type.startsWith("text/html")) {
            return context.sendResponse();
        }
        FrontDoor.relaxScripts(call);
        return whole(context.response().getBody().stream())
                .compose(
                        page -> {
                            String moved = page.toString().replace("'/q/", "'" + root);
                            context.response()
                                    .setBody(
                                            Body.body(
                                                    Buffer.buffer(
                                                            moved.replace("\"/q/", "\"" + root))));
                            headers.remove("Content-Length");
                            headers.remove("ETag");
                            return context.sendResponse();
                        });
    }

    private static Future<Buffer> whole(ReadStream<Buffer> stream) {
        Promise<Buffer> read = Promise.promise();
        Buffer page = Buffer.buffer();
        stream.exceptionHandler(read::tryFail)
                .endHandler(end -> read.tryComplete(page))
                .handler(
                        part -> {
                            if (page.length() + part.length() > PAGE_BYTES_MAX) {
                                read.tryFail("larger than a page of documents can be");
                            } else {
                                page.appendBuffer(part);
                            }
                        });
        stream.resume();
        return read.future();
    }
}
