using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Resources;

/// <summary>How namespaces are changed, and how unknown fields of built-in objects are answered.</summary>
public sealed class NamespaceTests : IAsyncLifetime
{
    private const string Namespaces = "/api/v1/namespaces";
    private const string Merge = "application/merge-patch+json";
    private const string Deployment = """
        "spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}
        """;

    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        Assert.Equal(201, (await _server.SendAsync(HttpMethod.Post, Namespaces, """{"metadata":{"name":"one"}}""")).Code);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    [Trait("Conformance", "namespace-patching")]
    [Trait("Conformance", "namespace-apply-update-to-a-namespace")]
    public async Task Labels_are_patched_and_updated()
    {
        var (patched, item) = await _server.SendAsync(HttpMethod.Patch, $"{Namespaces}/one", """{"metadata":{"labels":{"patched":"yes"}}}""", Merge);
        item!["metadata"]!["labels"]!["updated"] = "yes";
        var (updated, _) = await _server.SendAsync(HttpMethod.Put, $"{Namespaces}/one", item.ToJsonString());
        var (_, last) = await _server.SendAsync(HttpMethod.Get, $"{Namespaces}/one");

        Assert.Equal((200, 200), (patched, updated));
        Assert.Equal(("yes", "yes", "one"), ((string)last!["metadata"]!["labels"]!["patched"]!, (string)last["metadata"]!["labels"]!["updated"]!, (string)last["metadata"]!["labels"]!["kubernetes.io/metadata.name"]!));
    }

    [Fact]
    [Trait("Conformance", "namespace-apply-changes-to-a-namespace-status")]
    public async Task Conditions_are_patched_and_updated_while_it_is_active()
    {
        Assert.Equal("Active", (string)(await _server.SendAsync(HttpMethod.Get, $"{Namespaces}/one/status")).Body!["status"]!["phase"]!);

        var (patched, item) = await _server.SendAsync(
            HttpMethod.Patch, $"{Namespaces}/one/status", """{"status":{"conditions":[{"type":"StatusPatch","status":"True","reason":"E2E","message":"Patched by a test"}]}}""", Merge);
        item!["status"]!["conditions"]!.AsArray().Add(new JsonObject { ["type"] = "StatusUpdate", ["status"] = "True", ["reason"] = "E2E", ["message"] = "Updated by a test" });
        var (updated, last) = await _server.SendAsync(HttpMethod.Put, $"{Namespaces}/one/status", item.ToJsonString());

        Assert.Equal((200, 200), (patched, updated));
        Assert.Equal(["StatusPatch", "StatusUpdate"], last!["status"]!["conditions"]!.AsArray().Select(static condition => (string)condition!["type"]!));
        Assert.Equal("Active", (string)last["status"]!["phase"]!);
    }

    [Fact]
    [Trait("Conformance", "namespace-apply-finalizer-to-a-namespace")]
    public async Task Its_own_finalizers_are_changed_by_finalizing_it()
    {
        var (_, item) = await _server.SendAsync(HttpMethod.Get, $"{Namespaces}/one");
        item!["spec"]!["finalizers"] = new JsonArray("kubernetes", "example.com/fake");
        var (added, with) = await _server.SendAsync(HttpMethod.Put, $"{Namespaces}/one/finalize", item.ToJsonString());
        with!["spec"]!["finalizers"] = new JsonArray("kubernetes");
        var (removed, without) = await _server.SendAsync(HttpMethod.Put, $"{Namespaces}/one/finalize", with.ToJsonString());

        Assert.Equal((200, 200), (added, removed));
        Assert.Equal(["kubernetes"], without!["spec"]!["finalizers"]!.AsArray().Select(static name => (string)name!));
    }

    [Theory]
    [InlineData("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"d\"},\"unknown\":1,SPEC}", "unknown field \"unknown\"")]
    [InlineData("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"d\",\"name\":\"d\"},SPEC}", "duplicate field \"metadata.name\"")]
    [Trait("Conformance", "server-side-field-validation-typed-object")]
    public Task Unknown_and_repeated_fields_are_refused_if_asked_for(string body, string problem) => RefusedAsync(body, problem);

    [Fact]
    [Trait("Conformance", "server-side-field-validation-typed-unknown-metadata")]
    public Task Unknown_metadata_is_refused_if_asked_for() =>
        RefusedAsync("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","unknownMeta":"x"},SPEC}""", "unknown field \"metadata.unknownMeta\"");

    private async Task RefusedAsync(string body, string problem)
    {
        var (code, status) = await _server.SendAsync(
            HttpMethod.Post, "/apis/apps/v1/namespaces/default/deployments?fieldValidation=Strict", body.Replace("SPEC", Deployment, StringComparison.Ordinal));

        Assert.Equal(400, code);
        Assert.Contains(problem, (string)status!["message"]!, StringComparison.Ordinal);
    }
}
