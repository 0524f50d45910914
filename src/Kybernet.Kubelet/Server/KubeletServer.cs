using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Server;

/// <summary>
/// The kubelet's own API: logs, streams into containers, health and figures, for the API server and whoever else the cluster allows.
/// HTTP/1.1 alone, since streams are upgrades of it.
/// </summary>
internal sealed class KubeletServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private KubeletServer(WebApplication application) => _application = application;

    /// <summary>The port that it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>Starts listening.</summary>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<KubeletServer> StartAsync(
        KubeletOptions options, Func<X509Certificate2> certificate, KubeletEndpoints endpoints, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A log that is followed and an exec session may be silent for hours.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Parse(options.ListenAddress), options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(https =>
                {
                    https.ServerCertificateSelector = (_, _) => certificate();
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    // Whether it is worth anything is looked at with the request: one without may have a token.
                    https.AllowAnyClientCertificate();
                });
            });
        });
        var application = builder.Build();
        application.Run(endpoints.HandleAsync);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
        return new KubeletServer(application) { Port = new Uri(application.Urls.First()).Port };
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}
