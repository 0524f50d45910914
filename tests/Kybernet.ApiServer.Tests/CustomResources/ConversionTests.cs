using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Admission.Webhooks;
using Kybernet.ApiServer.Tests.Hosting;
using Kybernet.Client;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Tests.CustomResources;

/// <summary>Custom resources whose versions differ, and that a webhook converts: <c>v1</c> has host and port in one field, <c>v2</c> in two.</summary>
public sealed class ConversionTests
{
    private const string Definition = $"{Definitions.Crds}/things.{CustomKind.Group}";

    [Fact]
    [Trait("Conformance", "custom-resource-definition-conversion-webhook-conversion-custom-resource")]
    public async Task What_is_written_in_one_version_is_read_in_another()
    {
        await using var hook = await WebhookServer.StartAsync();
        await using var server = await StartAsync(hook);

        var (made, _) = await server.SendAsync(HttpMethod.Post, CustomKind.Path(), Object("v1", "one", "hostPort", "localhost:8080"));
        var (code, read) = await server.SendAsync(HttpMethod.Get, $"{CustomKind.Path("v2")}/one");

        Assert.Equal((201, 200), (made, code));
        Assert.Equal(($"{CustomKind.Group}/v2", "localhost", "8080"), ((string)read!["apiVersion"]!, (string)read["host"]!, (string)read["port"]!));
        Assert.Null(read["hostPort"]);
    }

    [Fact]
    [Trait("Conformance", "custom-resource-definition-conversion-webhook-convert-mixed-version-list")]
    public async Task A_list_of_what_was_stored_in_different_versions_is_all_in_the_one_asked_for()
    {
        await using var hook = await WebhookServer.StartAsync();
        await using var server = await StartAsync(hook);
        await server.SendAsync(HttpMethod.Post, CustomKind.Path(), Object("v1", "one", "hostPort", "first:1"));
        await StoreInAsync(server, "v2");
        await server.SendAsync(HttpMethod.Post, CustomKind.Path(), Object("v1", "two", "hostPort", "second:2"));

        var (_, first) = await server.SendAsync(HttpMethod.Get, CustomKind.Path());
        var (_, second) = await server.SendAsync(HttpMethod.Get, CustomKind.Path("v2"));

        Assert.Equal(["first:1", "second:2"], first!["items"]!.AsArray().Select(static item => (string)item!["hostPort"]!));
        Assert.Equal(["first", "second"], second!["items"]!.AsArray().Select(static item => (string)item!["host"]!));
    }

    [Fact]
    public async Task Changes_are_made_in_the_version_of_the_request()
    {
        await using var hook = await WebhookServer.StartAsync();
        await using var server = await StartAsync(hook);
        await server.SendAsync(HttpMethod.Post, CustomKind.Path("v2"), """{"metadata":{"name":"one","labels":{"a":"b"}},"host":"here","port":"1"}""");

        var (code, patched) = await server.SendAsync(HttpMethod.Patch, $"{CustomKind.Path("v2")}/one", """{"port":"2"}""", "application/merge-patch+json");
        var (_, read) = await server.SendAsync(HttpMethod.Get, $"{CustomKind.Path()}/one");
        var (unchanged, same) = await server.SendAsync(HttpMethod.Put, $"{CustomKind.Path("v2")}/one", patched!.ToJsonString());
        var (gone, _) = await server.SendAsync(HttpMethod.Delete, $"{CustomKind.Path("v2")}/one");

        Assert.Equal((200, 200, 200), (code, unchanged, gone));
        Assert.Equal(("here:2", "b", "2"), ((string)read!["hostPort"]!, (string)read["metadata"]!["labels"]!["a"]!, (string)read["metadata"]!["generation"]!.ToJsonString()));
        Assert.Equal((string)patched["metadata"]!["resourceVersion"]!, (string)same!["metadata"]!["resourceVersion"]!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_written_again_unchanged_is_brought_into_the_version_that_is_stored_now(bool isConverted)
    {
        await using var hook = await WebhookServer.StartAsync();
        await using var server = await StartAsync(hook, isConverted);
        var (_, made) = await server.SendAsync(HttpMethod.Post, CustomKind.Path(), Object("v1", "one", "hostPort", "first:1"));
        await StoreInAsync(server, "v2");

        var (_, migrated) = await server.SendAsync(HttpMethod.Put, $"{CustomKind.Path()}/one", made!.ToJsonString());
        var (_, again) = await server.SendAsync(HttpMethod.Put, $"{CustomKind.Path()}/one", migrated!.ToJsonString());

        Assert.NotEqual(Revision(made), Revision(migrated));
        Assert.Equal(Revision(migrated), Revision(again!));
        static string Revision(JsonNode item) => (string)item["metadata"]!["resourceVersion"]!;
    }

    [Fact]
    public async Task A_watch_sends_its_own_version()
    {
        await using var hook = await WebhookServer.StartAsync();
        await using var server = await StartAsync(hook);
        await server.SendAsync(HttpMethod.Post, CustomKind.Path(), Object("v1", "one", "hostPort", "first:1"));
        await using var events = server.Admin.WatchAsync(new ApiCall(HttpMethod.Get, $"{CustomKind.Path("v2")}?watch=true"), TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await events.MoveNextAsync());
        Assert.Equal("first", (string)JsonNode.Parse(events.Current.Object.Json.Span)!["host"]!);
        await server.SendAsync(HttpMethod.Post, CustomKind.Path(), Object("v1", "two", "hostPort", "second:2"));
        Assert.True(await events.MoveNextAsync());

        Assert.Equal("second", (string)JsonNode.Parse(events.Current.Object.Json.Span)!["host"]!);
    }

    [Fact]
    public async Task An_admission_webhook_sees_the_version_that_it_names_and_what_it_changes_is_converted_back()
    {
        await using var hook = await WebhookServer.StartAsync();
        await using var server = await StartAsync(hook);
        await using var judge = await WebhookServer.StartAsync();
        judge.Answer = static request => WebhookServer.Allowed(("replace", "/port", (string)request["object"]!["port"]! + "0"));
        await judge.ConfigureAsync(server, "Mutating", WebhookServer.Rule(CustomKind.Group, CustomKind.Plural, "CREATE", "v2"));

        var (code, made) = await server.SendAsync(HttpMethod.Post, CustomKind.Path(), Object("v1", "one", "hostPort", "first:1"));

        Assert.True(code == 201, made?.ToJsonString());
        Assert.Equal("first:10", (string)made!["hostPort"]!);
    }

    [Theory]
    [InlineData("""{"uid":"other"}""", "failed: expected response.uid=")]
    [InlineData("""{"result":{"status":"Failure","message":"too hard"}}""", "failed: too hard")]
    [InlineData("""{"result":{"status":"Success"},"convertedObjects":[]}""", "returned 0 objects, expected 1")]
    [InlineData("""{"result":{"status":"Success"},"convertedObjects":[7]}""", "returned invalid converted object at index 0: it is no object")]
    [InlineData(
        """{"result":{"status":"Success"},"convertedObjects":[{"apiVersion":"webhooks.example.com/v2","kind":"Thing","metadata":{"name":"another","namespace":"default"}}]}""",
        "returned invalid converted object at index 0: must have the same name: one != another")]
    [InlineData(
        """{"result":{"status":"Success"},"convertedObjects":[{"apiVersion":"webhooks.example.com/v3","kind":"Thing","metadata":{}}]}""",
        "invalid groupVersion (expected webhooks.example.com/v2, received webhooks.example.com/v3)")]
    public async Task An_answer_that_is_no_conversion_is_told_of(string answer, string expected)
    {
        await using var hook = await WebhookServer.StartAsync();
        await using var server = await StartAsync(hook);
        await server.SendAsync(HttpMethod.Post, CustomKind.Path(), Object("v1", "one", "hostPort", "localhost:8080"));
        hook.Answer = _ => JsonNode.Parse(answer)!.AsObject();

        var (code, failure) = await server.SendAsync(HttpMethod.Get, $"{CustomKind.Path("v2")}/one");
        var (stored, _) = await server.SendAsync(HttpMethod.Get, $"{CustomKind.Path()}/one");

        Assert.Equal((500, 200), (code, stored));
        Assert.StartsWith("Internal error occurred: conversion webhook for webhooks.example.com/v1, Kind=Thing ", (string)failure!["message"]!, StringComparison.Ordinal);
        Assert.Contains(expected, (string)failure["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_webhook_a_definition_can_still_be_deleted()
    {
        await using var hook = await WebhookServer.StartAsync();
        await using var server = await StartAsync(hook);
        await server.SendAsync(HttpMethod.Post, CustomKind.Path(), Object("v1", "one", "hostPort", "localhost:8080"));
        hook.Instead = static (context, _) =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        };

        var (read, failure) = await server.SendAsync(HttpMethod.Get, $"{CustomKind.Path("v2")}/one");
        await server.SendAsync(HttpMethod.Delete, Definition);

        Assert.Equal(500, read);
        Assert.Contains("has prevented the request from succeeding", (string)failure!["message"]!, StringComparison.Ordinal);
        await server.WaitAsync(Definition, static item => item is null);
    }

    private static async Task<TestServer> StartAsync(WebhookServer hook, bool isConverted = true)
    {
        hook.Answer = Convert;
        var server = await TestServer.StartAsync();
        var definition = JsonNode.Parse(CustomKind.Definition("""
            [{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"hostPort":{"type":"string"} } } } },
             {"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","properties":{"host":{"type":"string"},"port":{"type":"string"} } } } }]
            """))!.AsObject();
        definition["spec"]!["conversion"] = !isConverted ? null : new JsonObject
        {
            ["strategy"] = "Webhook",
            ["webhook"] = new JsonObject
            {
                ["clientConfig"] = new JsonObject { ["url"] = $"https://127.0.0.1:{hook.Port}/convert", ["caBundle"] = hook.Authority },
                ["conversionReviewVersions"] = new JsonArray("v1"),
            },
        };
        await server.EstablishAsync(definition);
        return server;
    }

    private static string Object(string version, string name, string field, string value) =>
        new JsonObject { ["apiVersion"] = $"{CustomKind.Group}/{version}", ["kind"] = "Thing", ["metadata"] = new JsonObject { ["name"] = name }, [field] = value }.ToJsonString();

    private static async Task StoreInAsync(TestServer server, string version)
    {
        var (_, definition) = await server.SendAsync(HttpMethod.Get, Definition);
        foreach (var item in definition!["spec"]!["versions"]!.AsArray())
        {
            item!["storage"] = (string)item["name"]! == version;
        }
        var (code, answer) = await server.SendAsync(HttpMethod.Put, Definition, definition.ToJsonString());
        Assert.True(code == 200, answer?.ToJsonString());
    }

    private static JsonObject Convert(JsonObject request)
    {
        var version = (string)request["desiredAPIVersion"]!;
        var converted = request["objects"]!.AsArray().Select(item => (JsonNode)Convert(item!.DeepClone().AsObject(), version));
        return new JsonObject { ["result"] = new JsonObject { ["status"] = "Success" }, ["convertedObjects"] = new JsonArray([.. converted]) };
    }

    private static JsonObject Convert(JsonObject item, string version)
    {
        item["apiVersion"] = version;
        if (version.EndsWith("/v2", StringComparison.Ordinal))
        {
            var parts = ((string)item["hostPort"]!).Split(':');
            item.Remove("hostPort");
            (item["host"], item["port"]) = (parts[0], parts[1]);
        }
        else
        {
            item["hostPort"] = $"{item["host"]}:{item["port"]}";
            item.Remove("host");
            item.Remove("port");
        }
        return item;
    }
}
