using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.OpenApi;

public sealed class OpenApiTests
{
    [Fact]
    public async Task The_index_leads_to_a_document_of_each_group_and_version()
    {
        await using var server = await TestServer.StartAsync();

        var paths = (await GetAsync(server, "/openapi/v3"))["paths"]!.AsObject();

        Assert.Contains("api/v1", paths);
        Assert.Contains("apis/apps/v1", paths);
        foreach (var (_, entry) in paths)
        {
            var document = await GetAsync(server, entry!["serverRelativeURL"]!.GetValue<string>());
            Assert.NotEmpty(document["paths"]!.AsObject());
            AssertReferencesResolve(document, document, "#/components/schemas/", document["components"]!["schemas"]!.AsObject());
        }
    }

    [Fact]
    public async Task A_schema_tells_how_its_lists_are_merged()
    {
        await using var server = await TestServer.StartAsync();

        var document = await GetAsync(server, "/openapi/v3/api/v1");

        var containers = Schema(document, "io.k8s.api.core.v1.PodSpec")["properties"]!["containers"]!;
        Assert.Equal("map", containers["x-kubernetes-list-type"]!.GetValue<string>());
        Assert.Equal("name", containers["x-kubernetes-list-map-keys"]![0]!.GetValue<string>());
        Assert.Equal("merge", containers["x-kubernetes-patch-strategy"]!.GetValue<string>());
        Assert.Equal("name", containers["x-kubernetes-patch-merge-key"]!.GetValue<string>());
        Assert.Equal("#/components/schemas/io.k8s.api.core.v1.Container", containers["items"]!["allOf"]![0]!["$ref"]!.GetValue<string>());
        Assert.Equal("date-time", Schema(document, "io.k8s.apimachinery.pkg.apis.meta.v1.Time")["format"]!.GetValue<string>());
        Assert.Equal("Pod", Schema(document, "io.k8s.api.core.v1.Pod")["x-kubernetes-group-version-kind"]![0]!["kind"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/openapi/v3/api/v1", "io.k8s.api.core.v1.PodSpec", "nodeName", "NodeName indicates in which node this pod is scheduled.")]
    [InlineData("/openapi/v3/api/v1", "io.k8s.api.core.v1.Event", "involvedObject", "The object that this event is about.")]
    [InlineData("/openapi/v3/apis/apps/v1", "io.k8s.api.apps.v1.DeploymentSpec", "replicas", "Number of desired pods.")]
    [InlineData("/openapi/v3/apis/apps/v1", "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "namespace", "Namespace defines the space within which")]
    [InlineData("/openapi/v3/apis/autoscaling/v2", "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec", "maxReplicas", "maxReplicas is the upper limit")]
    public async Task A_field_is_described_in_words(string path, string type, string field, string beginning)
    {
        await using var server = await TestServer.StartAsync();

        var description = Schema(await GetAsync(server, path), type)["properties"]![field]!["description"]!.GetValue<string>();

        Assert.StartsWith(beginning, description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_built_in_kind_that_has_fields_is_described()
    {
        await using var server = await TestServer.StartAsync();

        var definitions = (await GetAsync(server, "/openapi/v2"))["definitions"]!.AsObject();

        var silent = definitions.Where(entry => entry.Value!["x-kubernetes-group-version-kind"] is not null && entry.Value["description"] is null);
        Assert.Empty(silent.Select(entry => entry.Key));
    }

    [Theory]
    [InlineData("post", "/apis/apps/v1/namespaces/{namespace}/deployments")]
    [InlineData("put", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}")]
    [InlineData("patch", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}")]
    public async Task Writes_say_that_they_validate_fields_and_run_dry(string method, string path)
    {
        await using var server = await TestServer.StartAsync();

        var operation = (await GetAsync(server, "/openapi/v3/apis/apps/v1"))["paths"]![path]![method]!;

        var parameters = operation["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.GetValue<string>()).ToList();
        Assert.Contains("fieldValidation", parameters);
        Assert.Contains("dryRun", parameters);
        Assert.Equal("Deployment", operation["x-kubernetes-group-version-kind"]!["kind"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_older_document_holds_every_group_in_one()
    {
        await using var server = await TestServer.StartAsync();

        var document = await GetAsync(server, "/openapi/v2");

        Assert.Equal("2.0", document["swagger"]!.GetValue<string>());
        var definitions = document["definitions"]!.AsObject();
        Assert.Contains("io.k8s.api.core.v1.Pod", definitions);
        Assert.Contains("io.k8s.api.apps.v1.DeploymentList", definitions);
        AssertReferencesResolve(document, document, "#/definitions/", definitions);
    }

    [Fact]
    public async Task A_version_that_is_not_served_has_no_document()
    {
        await using var server = await TestServer.StartAsync();

        var (code, _) = await server.SendAsync(HttpMethod.Get, "/openapi/v3/apis/apps/v9");

        Assert.Equal(404, code);
    }

    private static async Task<JsonNode> GetAsync(TestServer server, string path)
    {
        var (code, body) = await server.SendAsync(HttpMethod.Get, path);
        Assert.Equal(200, code);
        return body!;
    }

    private static JsonNode Schema(JsonNode document, string name) => document["components"]!["schemas"]![name]!;

    private static void AssertReferencesResolve(JsonNode? node, JsonNode document, string prefix, JsonObject schemas)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map)
                {
                    if (key == "$ref" && value is JsonValue reference)
                    {
                        Assert.StartsWith(prefix, reference.GetValue<string>(), StringComparison.Ordinal);
                        Assert.Contains(reference.GetValue<string>()[prefix.Length..], schemas);
                    }
                    AssertReferencesResolve(value, document, prefix, schemas);
                }
                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    AssertReferencesResolve(item, document, prefix, schemas);
                }
                break;
        }
    }
}
