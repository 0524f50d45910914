using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Tests.Admission.Webhooks;

/// <summary>Webhooks that are gone, hang, fail or talk nonsense, and configurations that will not do.</summary>
public sealed class WebhookFaultTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string One = """{"metadata":{"name":"one"},"data":{"a":"b"}}""";

    [Fact]
    [Trait("Conformance", "admission-webhook-fail-closed")]
    public async Task Where_a_webhook_is_gone_nothing_is_let_in_unless_it_may_be()
    {
        await using var server = await TestServer.StartAsync();
        await using (var hook = await WebhookServer.StartAsync())
        {
            await hook.ConfigureAsync(server, "Validating", WebhookServer.Rule("", "configmaps", "CREATE"));
            await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule("", "secrets", "CREATE"), """{"failurePolicy":"Ignore"}""");
        }

        var (closed, status) = await server.SendAsync(HttpMethod.Post, ConfigMaps, One);
        var (open, _) = await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"one"}}""");

        Assert.Equal((500, 201), (closed, open));
        Assert.Equal("InternalError", (string)status!["reason"]!);
        Assert.StartsWith("Internal error occurred: failed calling webhook \"test.example.com\": failed to call webhook: Post \"https://127.0.0.1:", (string)status["message"]!, StringComparison.Ordinal);
        Assert.EndsWith("connection refused", (string)status["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-honor-timeout")]
    public async Task A_webhook_that_hangs_is_waited_for_as_long_as_it_is_given()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Instead = static (context, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        await hook.ConfigureAsync(server, "Validating", WebhookServer.Rule("", "configmaps", "CREATE"), """{"timeoutSeconds":1}""");

        var (closed, status) = await server.SendAsync(HttpMethod.Post, ConfigMaps, One);
        var (changed, _) = await server.SendAsync(
            HttpMethod.Patch, $"{WebhookServer.Configurations("Validating")}/test", """[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]""", "application/json-patch+json");
        var (open, _) = await server.SendAsync(HttpMethod.Post, ConfigMaps, One);

        Assert.Equal((500, 200, 201), (closed, changed, open));
        Assert.Contains("/hook/test?timeout=1s\": context deadline exceeded", (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", 200, "received invalid webhook response: couldn't get version/kind; json parse error")]
    [InlineData("{}", 200, "received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}""", 200, "webhook response was absent")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"other","allowed":true}}""", 200, "expected response.uid=\"")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"$","allowed":true,"patch":"e30="}}""", 200, "webhook returned response.patch but not response.patchType")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"$","allowed":true,"patch":"!","patchType":"JSONPatch"}}""", 200, "the patch cannot be read")]
    [InlineData("oh no", 500, "an error on the server (\"oh no\") has prevented the request from succeeding")]
    public async Task An_answer_that_is_none_counts_as_no_answer(string answer, int code, string problem)
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Instead = async (context, request) =>
        {
            context.Response.StatusCode = code;
            await context.Response.WriteAsync(answer.Replace("$", (string)request["uid"]!, StringComparison.Ordinal), context.RequestAborted);
        };
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule("", "configmaps", "CREATE"));

        var (given, status) = await server.SendAsync(HttpMethod.Post, ConfigMaps, One);

        Assert.Equal(500, given);
        Assert.Contains(problem, (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_patch_that_does_not_apply_fails_the_request_and_one_that_leaves_nonsense_too()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule("", "configmaps", "CREATE"));

        hook.Answer = static _ => WebhookServer.Allowed(("replace", "/spec/replicas", 3));
        var (missing, _) = await server.SendAsync(HttpMethod.Post, ConfigMaps, One);
        hook.Answer = static _ => WebhookServer.Allowed(("replace", "/data", "text"));
        var (nonsense, _) = await server.SendAsync(HttpMethod.Post, ConfigMaps, One);

        Assert.Equal((500, 400), (missing, nonsense));
    }

    [Fact]
    public async Task A_refusal_without_words_is_still_a_refusal()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => new JsonObject { ["allowed"] = false };
        await hook.ConfigureAsync(server, "Validating", WebhookServer.Rule("", "configmaps", "CREATE"));

        var (code, status) = await server.SendAsync(HttpMethod.Post, ConfigMaps, One);

        Assert.Equal((400, "admission webhook \"test.example.com\" denied the request without explanation"), (code, (string)status!["message"]!));
    }

    [Fact]
    public async Task A_dry_run_is_told_of_to_webhooks_that_can_do_without_effects()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        await hook.ConfigureAsync(server, "Validating", WebhookServer.Rule("", "configmaps", "CREATE"), """{"sideEffects":"NoneOnDryRun"}""");

        var (code, _) = await server.SendAsync(HttpMethod.Post, $"{ConfigMaps}?dryRun=All", One);

        Assert.Equal(201, code);
        Assert.True((bool)Assert.Single(hook.Asked)["dryRun"]!);
    }

    [Theory]
    [InlineData("""{"name":"short"}""", "webhooks[0].name: Invalid value: \"short\": should be a domain with at least three segments separated by dots")]
    [InlineData("""{"sideEffects":"Some"}""", "webhooks[0].sideEffects: Unsupported value: \"Some\": supported values: \"None\", \"NoneOnDryRun\"")]
    [InlineData("""{"timeoutSeconds":31}""", "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds")]
    [InlineData("""{"clientConfig":{}}""", "webhooks[0].clientConfig: Required value: exactly one of url or service is required")]
    [InlineData("""{"clientConfig":{"url":"http://example.com/"}}""", "'https' is the only allowed URL scheme; desired format: https://host[/path]")]
    [InlineData("""{"admissionReviewVersions":["v9"]}""", "must include at least one of v1")]
    [InlineData("""{"clientConfig":{"service":{"namespace":"n","name":"s","path":"x"}}}""", "webhooks[0].clientConfig.service.path: Invalid value: \"x\": must start with a '/'")]
    public async Task A_configuration_that_will_not_do_is_told_why(string more, string problem)
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();

        var (code, status) = await hook.TryConfigureAsync(server, "Validating", WebhookServer.Rule("", "configmaps"), more);

        Assert.Equal(422, code);
        Assert.Contains(problem, (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Validating")]
    [InlineData("Mutating")]
    [Trait("Conformance", "mutating-admission-webhook-reject-mutating-webhook-configurations-with-invalid-matchconditions")]
    [Trait("Conformance", "validing-admission-webhook-reject-validating-webhook-configurations-with-invalid-matchconditions")]
    public async Task Conditions_that_do_not_compile_are_refused(string kind)
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();

        var (code, status) = await hook.TryConfigureAsync(
            server, kind, WebhookServer.Rule("", "configmaps"), """{"matchConditions":[{"name":"invalid-expression-1","expression":"... [] bad expression"},{"name":"invalid-expression-2","expression":"..."}]}""");

        Assert.Equal(422, code);
        Assert.Contains("webhooks[0].matchConditions[0].expression: Invalid value: \"... [] bad expression\": compilation failed", (string)status!["message"]!, StringComparison.Ordinal);
    }
}
