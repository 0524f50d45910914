using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Hosting;

/// <summary>Kestrel in front of the pipeline: TLS only, HTTP/1.1 and HTTP/2, client certificates asked for but judged by the authenticator.</summary>
internal sealed class KestrelFront : IAsyncDisposable
{
    private readonly WebApplication _application;

    private KestrelFront(WebApplication application, int port)
    {
        _application = application;
        Port = port;
    }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The port is in use, or may not be used.</exception>
    public static async Task<KestrelFront> StartAsync(
        ListenOptions listen, HttpFront front, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, listen));
        var application = builder.Build();
        application.Run(front.HandleAsync);
        await application.StartAsync(cancellationToken);
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new KestrelFront(application, new Uri(address).Port);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Watches are ended before this; what is still open now is a client that does not read.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
    }

    private static void Configure(KestrelServerOptions kestrel, ListenOptions listen)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = HttpFront.MaxBodyBytes + 1;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null; // a watch may be silent for minutes
        kestrel.Limits.Http2.MaxStreamsPerConnection = 250;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 512 * 1024;
        kestrel.Listen(new IPEndPoint(listen.Address, listen.Port), endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1AndHttp2;
            endpoint.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = listen.Certificate,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = static (_, _, _) => true,
            });
        });
    }
}
