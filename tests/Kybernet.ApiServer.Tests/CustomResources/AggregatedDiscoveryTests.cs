using System.Text.Json.Nodes;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.Discovery;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;
using Kybernet.ApiServer.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using static Kybernet.ApiServer.Tests.CustomResources.Definitions;

namespace Kybernet.ApiServer.Tests.CustomResources;

public sealed class AggregatedDiscoveryTests
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    [Fact]
    [Trait("Conformance", "aggregated-discovery-endpoint-accept-headers-crds")]
    [Trait("Conformance", "aggregated-discovery-interface-crds")]
    public async Task A_client_that_takes_the_aggregated_form_gets_custom_resources_in_it()
    {
        await using var server = await TestServer.StartAsync();
        var before = await AskAsync(server, Aggregated);
        await server.EstablishAsync(Widget("""{"type":"object"}""", static item =>
            item["spec"]!["versions"]![0]!["subresources"] = JsonNode.Parse("""{"status":{}}""")));

        var after = await AskAsync(server, $"{Aggregated},application/json");
        var older = await AskAsync(server, "application/json");

        Assert.Null(Find(Body(before)["items"]!, static group => group["metadata"]!["name"], "example.com"));
        Assert.Equal((Aggregated, "APIGroupDiscoveryList"), (after.ContentType, (string?)Body(after)["kind"]));
        Assert.Equal(("application/json", "APIGroupList"), (older.ContentType, (string?)Body(older)["kind"]));
        Assert.NotNull(Find(Body(older)["groups"]!, static group => group["name"], "example.com"));
        Assert.NotEqual(before.ETag, after.ETag);
        var group = Find(Body(after)["items"]!, static group => group["metadata"]!["name"], "example.com")!;
        var widgets = group["versions"]![0]!["resources"]![0]!;
        Assert.Equal(("v1", "widgets", "widget"), ((string?)group["versions"]![0]!["version"], (string?)widgets["resource"], (string?)widgets["singularResource"]));
        Assert.Equal(("Namespaced", "Widget"), ((string?)widgets["scope"], (string?)widgets["responseKind"]!["kind"]));
        Assert.Equal("wd", (string?)widgets["shortNames"]![0]);
        Assert.Equal("status", (string?)widgets["subresources"]![0]!["subresource"]);
    }

    /// <summary>What the path answers from what the server has stored: a component of the process has no way to say what it accepts.</summary>
    internal static async Task<BodyResponse> AskAsync(TestServer server, string accept, string path = "/apis")
    {
        var follower = new StoreFollower(server.Store, static _ => null, TimeProvider.System, NullLogger<StoreFollower>.Instance);
        using var catalog = new CustomResourceCatalog(ResourceRegistry.Default, follower);
        await follower.LoadAsync(TestContext.Current.CancellationToken);
        var request = new ApiRequest
        {
            Method = "GET",
            Path = path,
            Query = QueryCollection.Empty,
            Accept = accept,
            Info = RequestInfoParser.Parse("GET", path, isWatch: false, ""),
        };
        return (BodyResponse)await new DiscoveryHandler(catalog, "127.0.0.1:6443").HandleAsync(request, TestContext.Current.CancellationToken);
    }

    private static JsonNode Body(BodyResponse response) => JsonNode.Parse(response.Body.Span)!;

    private static JsonNode? Find(JsonNode list, Func<JsonNode, JsonNode?> name, string wanted) =>
        list.AsArray().SingleOrDefault(item => (string?)name(item!) == wanted);
}
