using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;
using Kybernet.Client;

namespace Kybernet.ApiServer.Tests.Resources;

/// <summary>Does with a resource whatever can be done with it, watching all the while.</summary>
/// <param name="server">The server.</param>
/// <param name="groupPath">The path of its group and version, as in <c>/apis/discovery.k8s.io/v1</c>.</param>
/// <param name="resource">Its plural name.</param>
/// <param name="namespace">The namespace to do it in; empty where there is none.</param>
internal sealed class ApiWalk(TestServer server, string groupPath, string resource, string @namespace)
{
    private const string Label = "walk";

    // Jobs let their pods live unless told otherwise, which takes somebody who releases them.
    private const string Background = "propagationPolicy=Background";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Collection => @namespace.Length == 0 ? $"{groupPath}/{resource}" : $"{groupPath}/namespaces/{@namespace}/{resource}";

    /// <summary>The walk. The object is given as JSON with <c>NAME</c> for its name, and neither metadata nor anything else that the server fills in.</summary>
    /// <param name="names">The names of three objects.</param>
    /// <param name="objectOf">Makes the JSON of an object.</param>
    public async Task RunAsync(string[] names, Func<string, JsonObject> objectOf)
    {
        await AssertDiscoveredAsync();
        var seen = new List<(ObjectEventType Type, string Name)>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        ending.CancelAfter(TimeSpan.FromSeconds(60)); // events that never come fail the test
        var (_, before) = await server.SendAsync(HttpMethod.Get, Collection);
        var watching = WatchAsync((string)before!["metadata"]!["resourceVersion"]!, seen, expected: 8, ending.Token);
        foreach (var name in names)
        {
            Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, Collection, Labelled(objectOf(name), name).ToJsonString())).Code);
        }
        var (read, item) = await server.SendAsync(HttpMethod.Get, $"{Collection}/{names[0]}");
        Assert.Equal((200, names[0]), (read, (string)item!["metadata"]!["name"]!));
        var (_, list) = await server.SendAsync(HttpMethod.Get, $"{Collection}?labelSelector={Label}");
        Assert.Equal(3, list!["items"]!.AsArray().Count);

        var (patched, after) = await server.SendAsync(
            HttpMethod.Patch, $"{Collection}/{names[0]}", """{"metadata":{"annotations":{"patched":"true"}}}""", "application/merge-patch+json");
        Assert.Equal((200, "true"), (patched, (string)after!["metadata"]!["annotations"]!["patched"]!));
        after["metadata"]!["annotations"]!["updated"] = "true";
        var (updated, last) = await server.SendAsync(HttpMethod.Put, $"{Collection}/{names[0]}", after.ToJsonString());
        Assert.Equal((200, "true"), (updated, (string)last!["metadata"]!["annotations"]!["updated"]!));

        Assert.Equal(200, (await server.SendAsync(HttpMethod.Delete, $"{Collection}/{names[0]}?{Background}")).Code);
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Get, $"{Collection}/{names[0]}")).Code);
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Delete, $"{Collection}?labelSelector={Label}&{Background}")).Code);
        var (_, none) = await server.SendAsync(HttpMethod.Get, $"{Collection}?labelSelector={Label}");
        Assert.Empty(none!["items"]!.AsArray());
        await watching;
        Assert.Equal(
            [
                .. names.Select(static name => (ObjectEventType.Added, name)),
                (ObjectEventType.Modified, names[0]), (ObjectEventType.Modified, names[0]),
                .. names.Select(static name => (ObjectEventType.Deleted, name)),
            ],
            seen);
    }

    private static JsonObject Labelled(JsonObject item, string name)
    {
        item["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { [Label] = "" } };
        return item;
    }

    private async Task AssertDiscoveredAsync()
    {
        var (_, document) = await server.SendAsync(HttpMethod.Get, groupPath);
        var entry = document!["resources"]!.AsArray().Single(entry => (string)entry!["name"]! == resource)!;
        string[] verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
        Assert.Equal(verbs, entry["verbs"]!.AsArray().Select(static verb => (string)verb!).Order(StringComparer.Ordinal));
    }

    private async Task WatchAsync(string from, List<(ObjectEventType Type, string Name)> seen, int expected, CancellationToken cancellationToken)
    {
        var call = new ApiCall(HttpMethod.Get, $"{Collection}?watch=true&resourceVersion={from}&labelSelector={Label}");
        await foreach (var change in server.Admin.WatchAsync(call, cancellationToken))
        {
            seen.Add((change.Type, change.Object.Key.Name));
            if (seen.Count == expected)
            {
                return;
            }
        }
    }
}
