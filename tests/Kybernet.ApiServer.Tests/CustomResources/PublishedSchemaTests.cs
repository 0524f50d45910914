using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;
using static Kybernet.ApiServer.Tests.CustomResources.Definitions;

namespace Kybernet.ApiServer.Tests.CustomResources;

/// <summary>What OpenAPI documents say of custom resources, in both versions; clients check objects by it and explain fields with it.</summary>
public sealed class PublishedSchemaTests
{
    [Fact]
    [Trait("Conformance", "custom-resource-openapi-publish-varying-versions")]
    [Trait("Conformance", "custom-resource-openapi-publish-stop-serving-version")]
    [Trait("Conformance", "custom-resource-openapi-publish-version-rename")]
    public async Task Each_version_is_published_for_as_long_as_it_is_served_and_by_its_name()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec("\"a\":{\"type\":\"string\"}"), static item =>
        {
            var second = item["spec"]!["versions"]![0]!.DeepClone();
            (second["name"], second["storage"]) = ("v2", false);
            item["spec"]!["versions"]!.AsArray().Add(second);
        }));
        var both = await TypesAsync(server);
        await PatchAsync(server, """[{"op":"replace","path":"/spec/versions/1/name","value":"v3"}]""");
        var renamed = await TypesAsync(server);
        await PatchAsync(server, """[{"op":"replace","path":"/spec/versions/1/served","value":false}]""");
        var stopped = await TypesAsync(server);
        var (notServed, _) = await server.SendAsync(HttpMethod.Get, "/openapi/v3/apis/example.com/v3");

        Assert.Equal(["com.example.v1.Widget", "com.example.v2.Widget"], both);
        Assert.Equal(["com.example.v1.Widget", "com.example.v3.Widget"], renamed);
        Assert.Equal(["com.example.v1.Widget"], stopped);
        Assert.Equal(404, notServed);
    }

    [Fact]
    [Trait("Conformance", "custom-resource-openapi-publish-varying-groups")]
    [Trait("Conformance", "custom-resource-openapi-publish-varying-kinds")]
    public async Task Several_kinds_and_groups_are_published_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec("\"a\":{\"type\":\"string\"}")));
        await server.EstablishAsync(Widget(Spec("\"a\":{\"type\":\"string\"}"), static item => Rename(item, "gadgets", "Gadget", "example.com")));
        await server.EstablishAsync(Widget(Spec("\"a\":{\"type\":\"string\"}"), static item => Rename(item, "things", "Thing", "example.org")));

        Assert.Equal(["com.example.v1.Gadget", "com.example.v1.Widget", "org.example.v1.Thing"], await TypesAsync(server));
    }

    [Theory]
    [Trait("Conformance", "custom-resource-openapi-publish-with-validation-schema")]
    [Trait("Conformance", "custom-resource-openapi-publish-with-x-kubernetes-preserve-unknown-fields-at-root")]
    [Trait("Conformance", "custom-resource-openapi-publish-with-x-kubernetes-preserve-unknown-fields-in-embedded-object")]
    [Trait("Conformance", "custom-resource-openapi-publish-with-x-kubernetes-preserve-unknown-fields-in-object")]
    [InlineData("""{"type":"object","properties":{"spec":{"type":"object","description":"What is wished for.","required":["bars"],"properties":{"bars":{"type":"array","items":{"type":"object","properties":{"age":{"type":"string"}}}}}}}}""", "/spec/properties/bars/items/properties/age/type", "string")]
    [InlineData("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}""", "/metadata/$ref", "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")]
    [InlineData("""{"type":"object","properties":{"spec":{"type":"object","description":"open","x-kubernetes-preserve-unknown-fields":true}}}""", "/spec/description", "open")]
    [InlineData("""{"type":"object","properties":{"spec":{"type":"object","properties":{"part":{"type":"object","description":"a whole object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}}}}""", "/spec/properties/part/description", "a whole object")]
    public async Task The_schema_is_published_so_that_clients_accept_what_the_server_does(string schema, string path, string value)
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(schema));

        var (_, document) = await server.SendAsync(HttpMethod.Get, "/openapi/v2");
        var node = document!["definitions"]!["com.example.v1.Widget"]!["properties"];
        foreach (var step in path.Split('/').Skip(1))
        {
            node = node![step];
        }

        Assert.Equal(value, (string)node!);
    }

    [Fact]
    public async Task Clients_are_told_that_it_takes_no_strategic_merge_patches()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec("\"a\":{\"type\":\"string\"}")));

        var (_, document) = await server.SendAsync(HttpMethod.Get, "/openapi/v3/apis/example.com/v1");
        var body = document!["paths"]!["/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"]!["patch"]!["requestBody"]!["content"]!.AsObject();

        Assert.Equal(["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"], body.Select(static entry => entry.Key));
    }

    private static void Rename(JsonObject item, string plural, string kind, string group)
    {
        item["metadata"]!["name"] = $"{plural}.{group}";
        item["spec"]!["group"] = group;
        item["spec"]!["names"] = JsonNode.Parse($$"""{"plural":"{{plural}}","kind":"{{kind}}"}""");
    }

    private static async Task PatchAsync(TestServer server, string patch)
    {
        var (code, answer) = await server.SendAsync(HttpMethod.Patch, $"{Crds}/widgets.example.com", patch, "application/json-patch+json");
        Assert.True(code == 200, answer?.ToJsonString());
    }

    /// <summary>The types of the custom resources in the document for older clients.</summary>
    private static async Task<string[]> TypesAsync(TestServer server)
    {
        var (_, document) = await server.SendAsync(HttpMethod.Get, "/openapi/v2");
        return document!["definitions"]!.AsObject().Select(static entry => entry.Key)
            .Where(static name => name.Contains("example", StringComparison.Ordinal) && !name.EndsWith("List", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
    }
}
