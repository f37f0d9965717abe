package dev.larder.kit;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import org.junit.jupiter.api.Test;

/** What every service owes to the kit: problems, identity, request ids. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
class KitTest {
    private static Response echo(String body) {
        return given().contentType(ContentType.JSON).body(body).post("/echo");
    }

    private static void isProblem(Response answer, int status) {
        answer.then()
                .statusCode(status)
                .contentType(Problem.MEDIA_TYPE)
                .body("status", equalTo(status))
                .body("type", equalTo("about:blank"))
                .body("requestId", equalTo(answer.header("X-Request-Id")));
    }

    @Test
    void whatIsRightPasses() {
        echo("{\"lines\":[{\"text\":\"a\",\"times\":2}]}")
                .then()
                .statusCode(200)
                .body("lines[0].times", equalTo(2));
    }

    @Test
    void everyWrongFieldIsNamedByItsPath() {
        Response answer = echo("{\"lines\":[{\"text\":\"\",\"times\":11}]}");
        isProblem(answer, 400);
        answer.then().body("violations.field", hasItems("lines[0].text", "lines[0].times"));
    }

    @Test
    void malformedJsonIsPlacedAndWrongTypesAndUnknownFieldsAreNamed() {
        Response malformed = echo("{\"lines\":\n [}");
        isProblem(malformed, 400);
        malformed.then().body("detail", containsString("line 2"));
        Response wrongType = echo("{\"lines\":[{\"text\":\"a\",\"times\":\"many\"}]}");
        isProblem(wrongType, 400);
        wrongType.then().body("violations.field", hasItem("lines[0].times"));
        Response unknown = echo("{\"lines\":[],\"extra\":1}");
        isProblem(unknown, 400);
        unknown.then().body("violations.field", hasItem("extra"));
        isProblem(echo(""), 400);
    }

    @Test
    void jsonIsTakenAtItsWord() {
        for (String line :
                new String[] {
                    "{\"text\":5,\"times\":1}",
                    "{\"text\":\"a\\u0000b\",\"times\":1}",
                    "{\"text\":\"\\ud800\",\"times\":1}",
                    "{\"text\":\"a\",\"times\":1.5}",
                    "{\"text\":\"a\",\"times\":\"1\"}"
                }) {
            Response answer = echo("{\"lines\":[" + line + "]}");
            isProblem(answer, 400);
            answer.then().body("violations.field", hasItem(containsString("lines[0].t")));
        }
        isProblem(echo("{\"lines\":[]} trailing"), 400);
        isProblem(echo("{\"lines\":[],\"lines\":[]}"), 400);
    }

    @Test
    void whatIsNotThereOrNotPossibleIsAProblem() {
        isProblem(given().get("/nothing/here"), 404);
        isProblem(given().delete("/echo/who"), 405);
        isProblem(given().contentType(ContentType.TEXT).body("a").post("/echo"), 415);
        isProblem(echo("{\"lines\":\"" + "x".repeat(70_000) + "\"}"), 413);
    }

    @Test
    void aWrongValueInTheAddressIsNamedWithWhatIsExpected() {
        wrong("/echo/values/abc", "id", "a whole number up to 9223372036854775807, not 'abc'");
        wrong("/echo/values/1?offset=x", "offset", "a whole number from 0 up to 9, not 'x'");
        wrong("/echo/values/1?offset=1e9", "offset", "a whole number from 0 up to 9, not '1e9'");
        wrong("/echo/values/1?shade=blue", "shade", "one of LIGHT, DARK, not 'blue'");
        wrong("/echo/values/1?width=wide", "width", "a number, not 'wide'");
    }

    private static void wrong(String address, String field, String expected) {
        Response answer = given().get(address);
        isProblem(answer, 400);
        answer.then()
                .body("violations.field", contains(field))
                .body("violations.message", contains("must be " + expected))
                .body("detail", containsString(field + " must be " + expected));
        assertThat(answer.asString()).doesNotContain("For input string");
    }

    @Test
    void anAddressThatIsTooLongIsToldSo() {
        isProblem(given().get("/echo/who?a=" + "x".repeat(5_000)), 414);
    }

    @Test
    void whoMustSignInIsToldSoBeforeTheFieldsAreLookedAt() {
        isProblem(
                given().contentType(ContentType.JSON).body("{\"lines\":5}").post("/echo/own"), 401);
        isProblem(
                given().contentType(ContentType.JSON)
                        .auth()
                        .oauth2(TestTokens.of("Ada"))
                        .body("{\"lines\":5}")
                        .post("/echo/own"),
                400);
    }

    @Test
    void aBugTellsNothingOfTheInside() {
        Response answer = given().get("/echo/bug");
        isProblem(answer, 500);
        assertThat(answer.asString()).doesNotContain("secret").doesNotContain("Exception");
    }

    @Test
    void theIdOfARequestIsKeptWhereItIsOneAndMadeWhereItIsNot() {
        given().header("X-Request-Id", "gateway-1.2_3")
                .get("/echo/who")
                .then()
                .header("X-Request-Id", equalTo("gateway-1.2_3"));
        given().header("X-Request-Id", "no spaces please")
                .get("/echo/who")
                .then()
                .header("X-Request-Id", matchesPattern("[0-9a-f-]{36}"));
    }

    @Test
    void identityComesFromTheTokenAlone() {
        given().get("/echo/who").then().body("signedIn", equalTo(false));
        given().auth()
                .oauth2(TestTokens.of("Ada"))
                .get("/echo/who")
                .then()
                .body("signedIn", equalTo(true))
                .body("name", equalTo("Ada"))
                .body("id", equalTo(TestTokens.idOf("Ada")));
        Response forged = given().auth().oauth2(TestTokens.of("Ada") + "x").get("/echo/who");
        assertThat(forged.statusCode()).isEqualTo(401);
        isProblem(given().get("/echo/mine"), 401);
        isProblem(given().get("/echo/loader"), 401);
        isProblem(given().auth().oauth2(TestTokens.of("Ada")).get("/echo/loader"), 403);
        given().auth().oauth2(TestTokens.loader()).get("/echo/loader").then().statusCode(200);
    }

    @Test
    void theStoreAnswers() {
        given().get("/echo/store").then().statusCode(200).body(equalTo("PONG"));
    }

    @Test
    void healthMetricsAndOpenApiCanBeRead() {
        given().get("/q/health").then().statusCode(200).body("status", equalTo("UP"));
        given().get("/q/metrics").then().statusCode(200).body(containsString("http_server"));
        given().get("/q/openapi").then().statusCode(200).body(containsString("/echo/who"));
        given().get("/q/swagger-ui/").then().statusCode(200).body(not(equalTo("")));
    }
}
