using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Kybernet.Bench;

/// <summary>The floor: a bare Kestrel HTTPS endpoint that reads a body whole and answers bytes of the sizes that the API server answers.</summary>
internal static class FloorProcess
{
    public static async Task<int> ServeAsync(CancellationToken cancellationToken)
    {
        var one = Pods.Stored("default", "pod-0");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1AndHttp2;
            endpoint.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = Certificates.ForLoopback(),
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = static (_, _, _) => true,
            });
        }));
        await using var application = builder.Build();
        application.Run(context => AnswerAsync(context, one));
        await application.StartAsync(cancellationToken);
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        using var self = Process.GetCurrentProcess();
        var startup = TimeProvider.System.GetLocalNow().DateTime - self.StartTime;
        Console.WriteLine($"listening {new Uri(address).Port} {startup.TotalMilliseconds:F0}");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static async Task AnswerAsync(HttpContext context, byte[] one)
    {
        if (context.Request.ContentLength is { } length and > 0)
        {
            await context.Request.Body.ReadExactlyAsync(new byte[length], context.RequestAborted);
        }
        context.Response.StatusCode = context.Request.Method == "POST" ? 201 : 200;
        context.Response.ContentType = "application/json";
        var copies = context.Request.Query.TryGetValue("copies", out var text) ? int.Parse(text!, System.Globalization.CultureInfo.InvariantCulture) : 1;
        context.Response.ContentLength = (long)one.Length * copies;
        for (var i = 0; i < copies; i++)
        {
            await context.Response.BodyWriter.WriteAsync(one, context.RequestAborted);
        }
    }
}
