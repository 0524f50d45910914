using Kybernet.Client;

namespace Kybernet.Controllers.Tests;

/// <summary>Tests of what takes the real API server: its defaults, its finalizers, its selectors.</summary>
public abstract class OnServerTest : ClusterTest
{
    private readonly ServerInProcess _server = new();

    private protected override Task<IApiTransport> StartServerAsync() => _server.StartAsync(Cancellation);

    private protected override async Task StopServerAsync() => await _server.DisposeAsync();
}
