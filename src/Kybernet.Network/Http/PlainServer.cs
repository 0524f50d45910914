using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Http;

/// <summary>Starts servers of plain HTTP that answer with one function: health checks and metrics.</summary>
internal static class PlainServer
{
    /// <summary>Starts one.</summary>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<WebApplication> StartAsync(
        IEnumerable<IPEndPoint> addresses, RequestDelegate answer, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(loggers);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            foreach (var address in addresses)
            {
                kestrel.Listen(address);
            }
        });
        var application = builder.Build();
        application.Run(answer);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
        return application;
    }
}
