using System.Text.Json.Nodes;
using Kybernet.ApiServer.Discovery;
using Kybernet.Api;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Discovery;

public sealed class DiscoveryTests
{
    private readonly DiscoveryDocuments _documents = new(ResourceRegistry.Default);

    [Fact]
    public void The_aggregated_document_names_every_served_resource_with_its_subresources()
    {
        var core = JsonNode.Parse(_documents.Aggregated(core: true))!;

        var resources = core["items"]![0]!["versions"]![0]!["resources"]!.AsArray();
        var pods = resources.Single(resource => (string?)resource!["resource"] == "pods")!;
        Assert.Equal(("Namespaced", "pod", "Pod"), ((string)pods["scope"]!, (string)pods["singularResource"]!, (string)pods["responseKind"]!["kind"]!));
        Assert.Equal(["po"], pods["shortNames"]!.AsArray().Select(name => (string)name!));
        var exec = pods["subresources"]!.AsArray().Single(subresource => (string?)subresource!["subresource"] == "exec")!;
        Assert.Equal(["create", "get"], exec["verbs"]!.AsArray().Select(verb => (string)verb!));
    }

    [Fact]
    public void Beta_and_alpha_versions_are_not_told_of_since_they_are_not_served()
    {
        var groups = JsonNode.Parse(_documents.Groups())!["groups"]!.AsArray();

        Assert.All(groups.SelectMany(group => group!["versions"]!.AsArray()), version => Assert.DoesNotContain("beta", (string)version!["version"]!));
        Assert.Equal("v2", (string)groups.Single(group => (string?)group!["name"] == "autoscaling")!["preferredVersion"]!["version"]!);
    }

    [Fact]
    public void A_group_version_lists_the_kind_that_a_subresource_takes()
    {
        var list = JsonNode.Parse(_documents.Resources(new GroupVersion("apps", "v1"))!)!["resources"]!.AsArray();

        var scale = list.Single(resource => (string?)resource!["name"] == "deployments/scale")!;
        Assert.Equal(("autoscaling", "v1", "Scale"), ((string)scale["group"]!, (string)scale["version"]!, (string)scale["kind"]!));
    }

    [Fact]
    public async Task The_index_names_paths_that_all_answer()
    {
        await using var server = await TestServer.StartAsync();

        var paths = (await server.SendAsync(HttpMethod.Get, "/")).Body!["paths"]!.AsArray().Select(path => (string)path!).ToArray();

        Assert.Contains("/apis/apps/v1", paths);
        Assert.Contains("/readyz/etcd", paths);
        foreach (var path in paths.Where(path => path.StartsWith("/api", StringComparison.Ordinal) || path == "/version"))
        {
            Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, path)).Code);
        }
    }

    [Fact]
    public async Task A_group_that_is_not_served_is_not_found()
    {
        await using var server = await TestServer.StartAsync();

        Assert.Equal(404, (await server.SendAsync(HttpMethod.Get, "/apis/example.com")).Code);
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/apis/apps/v1")).Code);
    }
}
