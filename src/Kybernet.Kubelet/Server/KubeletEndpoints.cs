using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server;

/// <summary>Finds what answers a request to the kubelet's own API.</summary>
internal sealed class KubeletEndpoints(PodManager pods, ContainerLogsEndpoint logs, StreamEndpoints streams, StatsEndpoints stats)
{
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await DispatchAsync(context);
        }
        catch (KubeletRequestException exception) when (!context.Response.HasStarted)
        {
            await RespondAsync(context, exception.StatusCode, exception.Message);
        }
        catch (ContainerRuntimeException exception) when (!context.Response.HasStarted)
        {
            await RespondAsync(context, StatusCodes.Status500InternalServerError, exception.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller hung up.
        }
    }

    private Task DispatchAsync(HttpContext context)
    {
        var parts = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["healthz"] or ["healthz", "ping"] or ["healthz", "syncloop"] => RespondAsync(context, StatusCodes.Status200OK, "ok"),
            ["pods"] or ["runningpods"] => stats.PodsAsync(context, pods),
            ["stats", "summary"] => stats.SummaryAsync(context),
            ["metrics", "resource"] => stats.ResourceMetricsAsync(context),
            ["containerLogs", var space, var pod, var container] => logs.HandleAsync(context, space, pod, container),
            ["exec", var space, var pod, .., var container] when parts.Length <= 5 => streams.ExecAsync(context, space, pod, container),
            ["attach", var space, var pod, .., var container] when parts.Length <= 5 => streams.AttachAsync(context, space, pod, container),
            ["portForward", var space, var pod, ..] when parts.Length <= 4 => streams.PortForwardAsync(context, space, pod),
            _ => RespondAsync(context, StatusCodes.Status404NotFound, "404 page not found"),
        };
    }

    private static Task RespondAsync(HttpContext context, int statusCode, string text)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
