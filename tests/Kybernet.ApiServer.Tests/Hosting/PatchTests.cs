using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Tests.Hosting;

/// <summary>What a patch does not name is not decoded again; nobody may be able to tell.</summary>
public sealed class PatchTests
{
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string MergePatch = "application/merge-patch+json";
    private const string StrategicPatch = "application/strategic-merge-patch+json";

    private const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"app":"web"}},
        "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"web:1"}]}}}}
        """;

    [Theory]
    [InlineData(MergePatch)]
    [InlineData(StrategicPatch)]
    public async Task A_patch_of_metadata_leaves_the_spec_and_the_generation_as_they_were(string type)
    {
        await using var server = await TestServer.StartAsync();
        var (_, made) = await server.SendAsync(HttpMethod.Post, Deployments, Deployment);

        var (code, patched) = await server.SendAsync(HttpMethod.Patch, $"{Deployments}/web", """{"metadata":{"labels":{"tier":"front"}}}""", type);

        Assert.Equal(200, code);
        Assert.Equal("front", (string)patched!["metadata"]!["labels"]!["tier"]!);
        Assert.Equal(1, (int)patched["metadata"]!["generation"]!);
        Assert.Equal(made!["spec"]!.ToJsonString(), patched["spec"]!.ToJsonString());
        Assert.Equal(FieldNames(made), FieldNames(patched));
    }

    [Theory]
    [InlineData(MergePatch)]
    [InlineData(StrategicPatch)]
    public async Task A_patch_of_the_spec_counts_up_the_generation_and_gets_its_defaults(string type)
    {
        await using var server = await TestServer.StartAsync();
        var (_, made) = await server.SendAsync(HttpMethod.Post, Deployments, Deployment);

        var (code, patched) = await server.SendAsync(
            HttpMethod.Patch, $"{Deployments}/web", """{"spec":{"replicas":null,"strategy":null,"minReadySeconds":5}}""", type);

        Assert.Equal(200, code);
        Assert.Equal(2, (int)patched!["metadata"]!["generation"]!);
        Assert.Equal(1, (int)patched["spec"]!["replicas"]!);
        Assert.Equal("RollingUpdate", (string)patched["spec"]!["strategy"]!["type"]!);
        Assert.Equal(FieldNames(made!), FieldNames(patched));
    }

    [Fact]
    public async Task A_patch_that_changes_nothing_makes_no_revision()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, Deployments, Deployment);
        const string Patch = """{"metadata":{"annotations":{"a":"1"}},"spec":{"replicas":1}}""";
        var (_, first) = await server.SendAsync(HttpMethod.Patch, $"{Deployments}/web", Patch, MergePatch);

        var (_, second) = await server.SendAsync(HttpMethod.Patch, $"{Deployments}/web", Patch, MergePatch);

        Assert.Equal(first!.ToJsonString(), second!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"metadata":{"labelz":{"a":"b"}}}""", "unknown field \"metadata.labelz\"")]
    [InlineData("""{"spec":{"replicaz":2}}""", "unknown field \"spec.replicaz\"")]
    [InlineData("""{"specs":{}}""", "unknown field \"specs\"")]
    public async Task What_a_patch_names_is_held_to_the_schema(string patch, string error)
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, Deployments, Deployment);

        var (code, status) = await server.SendAsync(HttpMethod.Patch, $"{Deployments}/web?fieldValidation=Strict", patch, MergePatch);

        Assert.Equal(400, code);
        Assert.Contains(error, (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_label_that_metadata_defaults_set_comes_back_where_a_patch_takes_it_away()
    {
        await using var server = await TestServer.StartAsync();

        var (code, patched) = await server.SendAsync(
            HttpMethod.Patch, "/api/v1/namespaces/default", """{"metadata":{"labels":null}}""", MergePatch);

        Assert.Equal(200, code);
        Assert.Equal("default", (string)patched!["metadata"]!["labels"]!["kubernetes.io/metadata.name"]!);
    }

    [Fact]
    public async Task A_directive_at_the_top_may_be_about_any_field()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, Deployments, Deployment);

        var (code, status) = await server.SendAsync(
            HttpMethod.Patch, $"{Deployments}/web", """{"$retainKeys":["metadata"],"metadata":{"labels":{"a":"b"}}}""", StrategicPatch);

        Assert.Equal(422, code);
        Assert.Contains("spec.selector", (string)status!["message"]!, StringComparison.Ordinal);
    }

    private static string[] FieldNames(JsonNode item) => [.. item.AsObject().Select(property => property.Key).Order()];
}
