using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.CustomResources;

/// <summary>Definitions of custom resources that tests make, and how they wait for them.</summary>
internal static class Definitions
{
    public const string Crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    public const string Widgets = "/apis/example.com/v1/namespaces/default/widgets";

    /// <summary>The definition of widgets with one version, of which <paramref name="change"/> may change anything.</summary>
    public static JsonObject Widget(string schema, Action<JsonObject>? change = null)
    {
        var definition = JsonNode.Parse($$$"""
            {
              "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "widgets.example.com"},
              "spec": {
                "group": "example.com", "scope": "Namespaced",
                "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"]},
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {{{schema}}} } }]
              }
            }
            """)!.AsObject();
        change?.Invoke(definition);
        return definition;
    }

    /// <summary>A schema with these properties of <c>spec</c>.</summary>
    public static string Spec(string properties) =>
        $$$"""{"type":"object","properties":{"spec":{"type":"object","properties":{ {{{properties}}} } },"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } }""";

    /// <summary>A widget.</summary>
    public static string Object(string name, string spec) =>
        $$$"""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"{{{name}}}"},"spec":{{{spec}}}}""";

    /// <summary>Makes a definition and waits until it is established and served.</summary>
    public static async Task EstablishAsync(this TestServer server, JsonObject definition)
    {
        var (code, answer) = await server.SendAsync(HttpMethod.Post, Crds, definition.ToJsonString());
        Assert.True(code == 201, answer?.ToJsonString());
        await server.WaitAsync($"{Crds}/{definition["metadata"]!["name"]}", static item => Condition(item, "Established") == "True");
    }

    /// <summary>The status of a condition; null where there is none.</summary>
    public static string? Condition(JsonNode? item, string type) =>
        (string?)item?["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition!["type"] == type)?["status"];

    /// <summary>Waits until an object is as it should be; null stands for one that is not there.</summary>
    public static async Task<JsonNode?> WaitAsync(this TestServer server, string path, Func<JsonNode?, bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var (code, item) = await server.SendAsync(HttpMethod.Get, path);
            var found = code == 404 ? null : item;
            if (condition(found))
            {
                return found;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, deadline.Token);
        }
    }
}
