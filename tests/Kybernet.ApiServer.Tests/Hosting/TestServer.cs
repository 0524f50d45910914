using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Hosting;
using Kybernet.Client;
using Kybernet.Store;
using Kybernet.Store.Memory;
using Kybernet.Store.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.ApiServer.Tests.Hosting;

/// <summary>An API server on a store of its own, asked in process. What it makes goes when it is disposed.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private TestServer(IStore store, ApiServerHost host)
    {
        Store = store;
        Host = host;
        Admin = host.ConnectAs(new UserInfo("admin", ["system:masters", "system:authenticated"]));
    }

    public ApiServerHost Host { get; }

    /// <summary>A way in as a user who may do anything.</summary>
    public IApiTransport Admin { get; }

    public IStore Store { get; }

    /// <summary>Has a server write nothing by itself once it has started.</summary>
    public static ApiServerOptions Quiet(ApiServerOptions options) => options with { FlowControl = new FlowControlOptions { PriorityAndFairness = false } };

    /// <summary>Starts one.</summary>
    /// <param name="time">Its clock; the system's unless given.</param>
    /// <param name="directory">Where its store is, which stays; in memory unless given.</param>
    /// <param name="configure">Changes what it is told.</param>
    public static async Task<TestServer> StartAsync(TimeProvider? time = null, string? directory = null, Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var clock = time ?? TimeProvider.System;
        var cancellationToken = TestContext.Current.CancellationToken;
        IStore store = directory is null
            ? new MemoryStore(TimeProvider.System)
            : await SqliteStore.OpenAsync(new SqliteStoreOptions { DataDirectory = directory, TimeProvider = TimeProvider.System }, cancellationToken);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new ApiServerOptions { ServiceAccountKeyPem = key.ExportPkcs8PrivateKeyPem() };
        try
        {
            var host = await ApiServerHost.StartAsync(store, configure?.Invoke(options) ?? options, clock, NullLoggerFactory.Instance, cancellationToken);
            return new TestServer(store, host);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a request and reads its answer as a tree.</summary>
    public async Task<(int Code, JsonNode? Body)> SendAsync(HttpMethod method, string path, string body = "", string contentType = "application/json")
    {
        var call = new ApiCall(method, path) { Body = System.Text.Encoding.UTF8.GetBytes(body), ContentType = contentType };
        var reply = await Admin.SendAsync(call, TestContext.Current.CancellationToken);
        return (reply.StatusCode, reply.Body.IsEmpty ? null : JsonNode.Parse(reply.Body.Span));
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Store.DisposeAsync();
    }
}
