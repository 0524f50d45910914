using System.Text.Json.Nodes;
using Kybernet.Store.Tests.Sqlite;

namespace Kybernet.ApiServer.Tests.Hosting;

/// <summary>What clients get while the disk under the store has no space.</summary>
public sealed class FullDiskTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const int MostWrites = 5000;

    private static readonly string Value = new('x', 8000);

    [Fact]
    public async Task A_full_disk_refuses_writes_keeps_answering_reads_and_loses_nothing_acknowledged()
    {
        using var disk = SmallDisk.Mount(megabytes: 64);
        Dictionary<string, string> acknowledged = [];
        await using (var server = await TestServer.StartAsync(directory: disk.DataDirectory))
        {
            disk.FillUpTo(freeBytes: 1 << 20);

            var refusal = await WriteUntilRefusedAsync(server, acknowledged);

            Assert.Equal(("Status", "Failure", "InternalError", 500), (
                (string?)refusal["kind"], (string?)refusal["status"], (string?)refusal["reason"], (int?)refusal["code"]));
            Assert.NotEmpty(acknowledged);
            await AssertHoldsAsync(server, acknowledged);

            disk.TakeOutBallast();
            Assert.Equal(201, await WriteAsync(server, "after", acknowledged));
            await AssertHoldsAsync(server, acknowledged);
        }
        await using var restarted = await TestServer.StartAsync(directory: disk.DataDirectory);
        await AssertHoldsAsync(restarted, acknowledged);
    }

    private static async Task<JsonNode> WriteUntilRefusedAsync(TestServer server, Dictionary<string, string> acknowledged)
    {
        for (var i = 0; i < MostWrites; i++)
        {
            var (code, answer) = await CreateAsync(server, $"full-{i}");
            if (code != 201)
            {
                return answer!;
            }
            Remember(answer!, acknowledged);
        }
        throw new InvalidOperationException("the disk did not fill up");
    }

    private static async Task<int> WriteAsync(TestServer server, string name, Dictionary<string, string> acknowledged)
    {
        var (code, answer) = await CreateAsync(server, name);
        Remember(answer!, acknowledged);
        return code;
    }

    private static Task<(int Code, JsonNode? Body)> CreateAsync(TestServer server, string name) => server.SendAsync(
        HttpMethod.Post, ConfigMaps, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"},"data":{"key":"{{{Value}}}"}}""");

    private static void Remember(JsonNode item, Dictionary<string, string> acknowledged) =>
        acknowledged[(string)item["metadata"]!["name"]!] = (string)item["metadata"]!["resourceVersion"]!;

    /// <summary>What is there is what was acknowledged, at the revision of the acknowledgement: nothing less, and nothing that was refused.</summary>
    private static async Task AssertHoldsAsync(TestServer server, Dictionary<string, string> acknowledged)
    {
        var (code, list) = await server.SendAsync(HttpMethod.Get, ConfigMaps);
        Assert.Equal(200, code);
        var held = list!["items"]!.AsArray().ToDictionary(item => (string)item!["metadata"]!["name"]!, item => (string)item!["metadata"]!["resourceVersion"]!);
        Assert.Equal(acknowledged, held);
    }
}
