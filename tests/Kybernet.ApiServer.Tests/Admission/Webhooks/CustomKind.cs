using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.CustomResources;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Admission.Webhooks;

/// <summary>A custom resource that webhooks look at.</summary>
internal static class CustomKind
{
    public const string Group = "webhooks.example.com";
    public const string Plural = "things";

    public static string Path(string version = "v1") => $"/apis/{Group}/{version}/namespaces/default/{Plural}";

    public static string Definition(string versions) => $$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{Plural}}.{{Group}}"},
         "spec":{"group":"{{Group}}","scope":"Namespaced","names":{"plural":"{{Plural}}","kind":"Thing"},"versions":{{versions}} } }
        """;

    public static string Object(string version, string name, string data) =>
        $$"""{"apiVersion":"{{Group}}/{{version}}","kind":"Thing","metadata":{"name":"{{name}}"},"data":{{data}} }""";

    /// <summary>Defines it, and waits until it is served.</summary>
    public static Task DefineAsync(TestServer server, string versions) => server.EstablishAsync(JsonNode.Parse(Definition(versions))!.AsObject());
}
