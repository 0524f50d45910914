using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.CustomResources;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Discovery;

/// <summary>What clients learn of a server before they ask for objects.</summary>
public sealed class ServedGroupTests : IAsyncLifetime
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    [Trait("Conformance", "discovery-confirm-the-preferredversion-for-each-api-group")]
    [Trait("Conformance", "discovery-confirm-the-groupverion-and-a-resourcefrom-each-apigroup")]
    public async Task Each_group_prefers_a_version_of_its_own_whose_resources_can_be_used()
    {
        var (_, groups) = await _server.SendAsync(HttpMethod.Get, "/apis");

        foreach (var group in groups!["groups"]!.AsArray())
        {
            var preferred = (string)group!["preferredVersion"]!["groupVersion"]!;
            Assert.Contains(group["versions"]!.AsArray(), version => (string)version!["groupVersion"]! == preferred);
            foreach (var version in group["versions"]!.AsArray())
            {
                var (code, list) = await _server.SendAsync(HttpMethod.Get, $"/apis/{version!["groupVersion"]}");
                Assert.Equal((200, (string)version["groupVersion"]!), (code, (string)list!["groupVersion"]!));
                Assert.NotEmpty(list["resources"]!.AsArray());
                Assert.All(list["resources"]!.AsArray(), static resource => Assert.NotEmpty(resource!["verbs"]!.AsArray()));
            }
        }
    }

    [Fact]
    [Trait("Conformance", "aggregated-discovery-interface")]
    [Trait("Conformance", "aggregated-discovery-endpoint-accept-headers")]
    public async Task One_document_has_all_that_the_others_have()
    {
        foreach (var (path, single) in ((string, bool)[])[("/api", true), ("/apis", false)])
        {
            var document = await AggregatedAsync(path);
            Assert.Equal(("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2"), ((string)document["kind"]!, (string)document["apiVersion"]!));
            foreach (var group in document["items"]!.AsArray())
            {
                foreach (var version in group!["versions"]!.AsArray())
                {
                    var place = single ? $"/api/{version!["version"]}" : $"/apis/{group["metadata"]!["name"]}/{version!["version"]}";
                    var (_, list) = await _server.SendAsync(HttpMethod.Get, place);
                    Assert.Equal(
                        list!["resources"]!.AsArray().Select(static resource => (string)resource!["name"]!).Where(static name => !name.Contains('/')).Order(StringComparer.Ordinal),
                        version["resources"]!.AsArray().Select(static resource => (string)resource!["resource"]!).Order(StringComparer.Ordinal));
                }
            }
        }
    }

    [Fact]
    [Trait("Conformance", "confirm-a-server-version")]
    public async Task The_version_is_of_whole_numbers()
    {
        var (code, version) = await _server.SendAsync(HttpMethod.Get, "/version");

        Assert.Equal(200, code);
        Assert.Equal(1, int.Parse((string)version!["major"]!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(36, int.Parse((string)version["minor"]!, System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task<JsonNode> AggregatedAsync(string path) =>
        JsonNode.Parse((await AggregatedDiscoveryTests.AskAsync(_server, Aggregated, path)).Body.Span)!;
}
