using Grpc.Core;
using Kybernet.Kubelet.Plugins.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Tests.Real.Plugins;

/// <summary>A plugin's gRPC server on a Unix socket, of this process.</summary>
internal sealed class PluginServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly string _socket;

    private PluginServer(WebApplication application, string socket)
    {
        _application = application;
        _socket = socket;
    }

    /// <summary>Serves until disposed of.</summary>
    public static async Task<PluginServer> StartAsync(string socket, Action<IServiceCollection> add, Action<WebApplication> map, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(socket)!);
        File.Delete(socket);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        add(builder.Services);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket, static listen => listen.Protocols = HttpProtocols.Http2));
        var application = builder.Build();
        map(application);
        await application.StartAsync(cancellationToken);
        return new PluginServer(application, socket);
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(_socket);
        await _application.DisposeAsync();
    }
}

/// <summary>Says who a plugin is, and keeps what it is answered.</summary>
internal sealed class PluginRegistration(PluginInfo info) : Registration.RegistrationBase
{
    private readonly TaskCompletionSource<RegistrationStatus> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the first answer.</summary>
    public Task<RegistrationStatus> Answered => _answered.Task;

    public override Task<PluginInfo> GetInfo(InfoRequest request, ServerCallContext context) => Task.FromResult(info);

    public override Task<RegistrationStatusResponse> NotifyRegistrationStatus(RegistrationStatus request, ServerCallContext context)
    {
        _answered.TrySetResult(request);
        return Task.FromResult(new RegistrationStatusResponse());
    }
}
