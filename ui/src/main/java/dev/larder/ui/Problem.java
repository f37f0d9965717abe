package dev.larder.ui;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** An error the gateway answers by itself, in the shape of RFC 9457. */
record Problem(int status, String detail) {
    static final String MEDIA_TYPE = "application/problem+json";
    static final String RETRY_AFTER_SECONDS = "2";

    static Problem away(String service) {
        return new Problem(503, "The " + service + " service does not answer; try again shortly.");
    }

    boolean passes() {
        return status == 503 || status == 504;
    }

    JsonObject json(RoutingContext call) {
        return new JsonObject()
                .put("type", "about:blank")
                .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
                .put("status", status)
                .put("detail", detail)
                .put("instance", call.request().path())
                .put("requestId", FrontDoor.requestId(call));
    }

    /** Answers, unless something has been answered already. */
    void answer(RoutingContext call) {
        if (call.response().ended() || call.response().headWritten()) {
            return;
        }
        call.response().setStatusCode(status).putHeader("Content-Type", MEDIA_TYPE);
        if (passes()) {
            call.response().putHeader("Retry-After", RETRY_AFTER_SECONDS);
        }
        call.response().end(json(call).toBuffer());
    }
}
