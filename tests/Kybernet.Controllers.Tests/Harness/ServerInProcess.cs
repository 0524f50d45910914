using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Hosting;
using Kybernet.Client;
using Kybernet.Store.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Controllers.Tests;

/// <summary>A real API server on a store of its own, asked in process; with namespaces <c>a</c> and <c>b</c> and a node.</summary>
internal sealed class ServerInProcess : IAsyncDisposable
{
    private readonly MemoryStore _store = new(TimeProvider.System);
    private ApiServerHost _host = null!;

    /// <summary>Where it listens as well; null for nowhere.</summary>
    public ListenOptions? Listen { get; init; }

    public X509Certificate2Collection ClientAuthorities { get; init; } = [];

    public int Port => _host.Port;

    public async Task<IApiTransport> StartAsync(CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new ApiServerOptions
        {
            Listen = Listen,
            ClientAuthorities = ClientAuthorities,
            ServiceAccountKeyPem = key.ExportPkcs8PrivateKeyPem(),
            AdvertiseAddress = System.Net.IPAddress.Parse("192.0.2.1"),
        };
        _host = await ApiServerHost.StartAsync(_store, options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        var transport = _host.ConnectAs(new UserInfo("admin", ["system:masters", "system:authenticated"]));
        var client = new ApiClient(transport);
        foreach (var name in (string[])["a", "b"])
        {
            await client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = name } }, cancellationToken);
            await client.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Namespace = name, Name = "default" } }, cancellationToken);
        }
        return transport;
    }

    /// <summary>The server as somebody else sees it.</summary>
    public IApiTransport ConnectAs(string user, params string[] groups) => _host.ConnectAs(new UserInfo(user, [.. groups, "system:authenticated"]));

    /// <summary>What controllers were refused for want of permission.</summary>
    public ConcurrentQueue<string> Refused { get; } = new();

    /// <summary>What the controllers' requests go through on their way to the server.</summary>
    public Func<IApiTransport, IApiTransport> Through { get; init; } = static transport => transport;

    /// <summary>The server as a controller's account sees it.</summary>
    public ApiClient ClientOf(string account) =>
        ClientAs($"system:serviceaccount:kube-system:{account}", "system:serviceaccounts", "system:serviceaccounts:kube-system");

    /// <summary>The server as somebody sees it who is to be refused nothing.</summary>
    public ApiClient ClientAs(string user, params string[] groups) => new(new RefusalWatch(Through(ConnectAs(user, groups)), Refused));

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _store.DisposeAsync();
    }
}
