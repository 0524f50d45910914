using System.Net;
using System.Net.Security;
using Kybernet.Network.Ingresses.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Kybernet.Network.Ingresses.Proxying;

/// <summary>Where it listens.</summary>
/// <param name="Http">The port for HTTP.</param>
/// <param name="Https">The port for HTTPS.</param>
internal sealed record ProxyPorts(int Http, int Https);

/// <summary>Listens for requests from outside.</summary>
internal sealed class ProxyServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ProxyHandler _handler;

    private ProxyServer(WebApplication application, ProxyHandler handler)
    {
        (_application, _handler) = (application, handler);
        var urls = application.Urls.Select(static url => new Uri(url)).ToDictionary(static url => url.Scheme, static url => url.Port);
        Ports = new ProxyPorts(urls["http"], urls["https"]);
    }

    public ProxyPorts Ports { get; }

    /// <summary>Starts listening.</summary>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<ProxyServer> StartAsync(
        IPAddress address, ProxyPorts ports, IngressIndex index, SslServerAuthenticationOptions fallback, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // How large and how slow a request may be is for its backend to say.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(address, ports.Http, static listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(address, ports.Https, listen => listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = context => ValueTask.FromResult(index.Table.FindCertificate(context.ClientHelloInfo.ServerName) ?? fallback),
            }));
        });
        var application = builder.Build();
        var handler = new ProxyHandler(application.Services.GetRequiredService<IHttpForwarder>(), index);
        application.Run(handler.HandleAsync);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            handler.Dispose();
            throw;
        }
        return new ProxyServer(application, handler);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _handler.Dispose();
    }
}
