package dev.larder.ui;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyOptions;
import io.vertx.httpproxy.ProxyResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.TimeoutException;

/** Passes a request on to a service and its answer back, as a stream. */
@ApplicationScoped
class Forwarder {
    private final Services services;

    Forwarder(Services services) {
        this.services = services;
    }

    /**
     * @param uri path and query at the service
     * @param cookie the session's cookie where the service is to see it, else null
     */
    void forward(RoutingContext call, String service, String uri, Visitor visitor, String cookie) {
        HttpProxy.reverseProxy(new ProxyOptions().setSupportWebSocket(false), services.http())
                .origin(context -> services.request(service, context.request().getMethod(), uri))
                .addInterceptor(
                        new ProxyInterceptor() {
                            @Override
                            public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
                                MultiMap headers = context.request().headers();
                                Passing.clean(headers);
                                Passing.tell(headers, call, visitor);
                                if (cookie != null) {
                                    headers.set("Cookie", Sessions.COOKIE + "=" + cookie);
                                }
                                context.request().setURI(uri);
                                return context.sendRequest()
                                        .recover(failure -> away(context, call, service, failure));
                            }

                            @Override
                            public Future<Void> handleProxyResponse(ProxyContext context) {
                                MultiMap headers = context.response().headers();
                                headers.remove(FrontDoor.REQUEST_ID);
                                headers.remove("Server");
                                if (!service.equals(Sessions.SERVICE)) {
                                    headers.remove("Set-Cookie");
                                }
                                return Docs.areAt(uri)
                                        ? Docs.at(service, call, context)
                                        : context.sendResponse();
                            }
                        })
                .handle(call.request());
    }

    private Future<ProxyResponse> away(
            ProxyContext context, RoutingContext call, String service, Throwable failure) {
        services.away(service, failure);
        Problem problem =
                failure instanceof TimeoutException || failure instanceof HttpClosedException
                        ? new Problem(504, "The " + service + " service did not answer in time.")
                        : Problem.away(service);
        Buffer body = problem.json(call).toBuffer();
        return Future.succeededFuture(
                context.request()
                        .release()
                        .response()
                        .setStatusCode(problem.status())
                        .putHeader("Content-Type", Problem.MEDIA_TYPE)
                        .putHeader("Retry-After", Problem.RETRY_AFTER_SECONDS)
                        .setBody(Body.body(body)));
    }
}
