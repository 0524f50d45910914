using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Yaml;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Tests.Hosting;

public sealed class YamlTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData("a: [", "application/yaml", 400)]
    [InlineData("- a", "application/yaml", 400)]
    [InlineData("# nothing", "application/yaml", 400)]
    [InlineData("data: {key: 1}", "application/yaml", 400)]
    [InlineData("a", "text/plain", 415)]
    public async Task A_body_that_is_no_object_of_a_known_type_is_refused(string body, string type, int expected)
    {
        await using var server = await TestServer.StartAsync();

        var (code, status) = await server.SendAsync(HttpMethod.Post, ConfigMaps, body, type);

        Assert.True(code == expected, status?.ToJsonString());
        Assert.Equal("Status", (string)status!["kind"]!);
    }

    [Theory]
    [InlineData("application/yaml", true)]
    [InlineData("application/vnd.kubernetes.protobuf, application/yaml;q=0.9, application/json", true)]
    [InlineData("application/json, application/yaml", false)]
    [InlineData("*/*", false)]
    [InlineData("", false)]
    public void An_answer_is_yaml_only_where_the_client_names_it_first(string accept, bool isYaml)
    {
        var tree = new JsonObject { ["kind"] = "Status", ["code"] = 404 };

        var answer = (BodyResponse)YamlAnswers.Translate(Request(accept, "/api/v1/pods"), BodyResponse.Json(404, tree.DeepClone()));

        Assert.Equal((404, isYaml ? "application/yaml" : "application/json"), (answer.StatusCode, answer.ContentType));
        Assert.True(JsonNode.DeepEquals(tree, YamlReader.Read(Encoding.UTF8.GetString(answer.Body.Span))));
    }

    [Fact]
    public void A_watch_is_never_yaml_since_its_events_would_have_no_end()
    {
        Assert.Equal(406, Assert.Throws<ApiError>(() => Projection.Parse("application/yaml", isWatch: true)).Code);
        Assert.Equal(ProjectionKind.Whole, Projection.Parse("application/yaml"));
        Assert.Equal(ProjectionKind.Table, Projection.Parse("application/yaml;as=Table;v=v1;g=meta.k8s.io"));
    }

    private static ApiRequest Request(string accept, string path) => new()
    {
        Method = "GET",
        Path = path,
        Query = QueryCollection.Empty,
        Accept = accept,
        Info = RequestInfoParser.Parse("GET", path, isWatch: false, ""),
    };
}
