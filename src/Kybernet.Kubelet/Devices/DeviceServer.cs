using System.Text;
using Kybernet.Kubelet.Cpus;
using Kybernet.Kubelet.Pods;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Devices;

/// <summary>Serves device plugins, and those who ask who has which devices, each on a socket of its own.</summary>
internal sealed partial class DeviceServer(
    DeviceManager manager, DevicePaths paths, PodManager pods, CpuManager cpus, ILoggerFactory loggers, ILogger<DeviceServer> logger)
{
    // The kernel's bound.
    private const int MaxPathBytes = 107;

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        if (new[] { paths.Registration, paths.PodResources }.FirstOrDefault(static path => Encoding.UTF8.GetByteCount(path) > MaxPathBytes) is { } tooLong)
        {
            LogTooLong(tooLong);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        await using var application = Build();
        await application.StartAsync(cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await application.StopAsync(CancellationToken.None); // nobody waits for an answer: what has come is finished
    }

    // Plugins see by the sockets' going that they have to register anew.
    private void MakeRoom()
    {
        Directory.CreateDirectory(paths.Plugins);
        Directory.CreateDirectory(Path.GetDirectoryName(paths.PodResources)!);
        foreach (var file in Directory.EnumerateFiles(paths.Plugins))
        {
            if (file != paths.Checkpoint)
            {
                File.Delete(file);
            }
        }
        File.Delete(paths.PodResources);
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(new DeviceRegistration(manager, paths));
        builder.Services.AddSingleton(new PodResourcesService(pods, manager, cpus));
        builder.Services.AddGrpc();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var socket in (string[])[paths.Registration, paths.PodResources])
            {
                kestrel.ListenUnixSocket(socket, static listen =>
                {
                    listen.Protocols = HttpProtocols.Http2;
                    listen.Use(AuthorityFilter.Use);
                });
            }
        });
        var application = builder.Build();
        application.MapGrpcService<DeviceRegistration>();
        application.MapGrpcService<PodResourcesService>();
        return application;
    }

    [LoggerMessage(LogLevel.Warning, "Device plugins cannot register: {Path} is too long for a socket")]
    private partial void LogTooLong(string path);
}
