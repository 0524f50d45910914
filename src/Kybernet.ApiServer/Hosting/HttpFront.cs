using System.Buffers;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Streaming.Proxying;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kybernet.ApiServer.Hosting;

/// <summary>The HTTPS front: turns what Kestrel hands over into requests of the pipeline, and its answers into bytes on the socket.</summary>
internal sealed class HttpFront(ApiPipeline pipeline, ResponseWriter writer)
{
    /// <summary>The largest body that is taken, as upstream: 3 MiB.</summary>
    public const int MaxBodyBytes = 3 * 1024 * 1024;

    /// <summary>Answers one HTTP request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        ApiRequest? request = null;
        try
        {
            request = await ReadAsync(context, cancellationToken);
            var response = await pipeline.HandleAsync(request, cancellationToken);
            Announce(context, request);
            await writer.WriteAsync(context, request, response, cancellationToken);
        }
        catch (ApiError error)
        {
            await writer.WriteFailureAsync(context, error, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client went away; there is nobody to answer.
        }
        finally
        {
            request?.Ticket?.Dispose();
            if (request?.Audit is { } audit)
            {
                await audit.CompletedAsync(context.Response.StatusCode, CancellationToken.None); // what was done is recorded, whoever has gone
            }
        }
    }

    // Whoever asks is told what auditors know the request by, and auditors are told when an answer begins that may go on for long.
    private static void Announce(HttpContext context, ApiRequest request)
    {
        if (request.AuditId.Length > 0)
        {
            context.Response.Headers["Audit-Id"] = request.AuditId;
        }
        if (request.Audit is { IsLongRunning: true } audit)
        {
            context.Response.OnStarting(() => audit.StartedAsync(context.Response.StatusCode, CancellationToken.None).AsTask());
        }
    }

    private static async ValueTask<ApiRequest> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var http = context.Request;
        var query = http.Query;
        var path = http.Path.Value ?? "/";
        var isWatch = query.TryGetValue("watch", out var watch) && watch.ToString() is not ("false" or "0");
        var fieldName = query.ContainsKey("fieldSelector") ? FieldName(query["fieldSelector"].ToString()) : "";
        var info = RequestInfoParser.Parse(http.Method, path, isWatch, fieldName);
        return new ApiRequest
        {
            Method = http.Method,
            Path = path,
            Query = query,
            Accept = http.Headers.Accept.ToString(),
            ContentType = http.ContentType ?? "",
            UserAgent = http.Headers.UserAgent.ToString(),
            Authorization = http.Headers.Authorization.ToString(),
            ClientCertificate = context.Features.Get<ITlsConnectionFeature>()?.ClientCertificate,
            Headers = http.Headers,
            HttpContext = context,
            User = context.Features.Get<UserInfo>(), // only who shares the process can set it
            Body = info is { IsResourceRequest: true, Subresource: ProxyHandler.Proxy } ? default : await ReadBodyAsync(context, cancellationToken),
            Info = info,
        };
    }

    /// <summary>Upgrades and proxied requests have no body to read beforehand; everything else is read whole, up to the limit.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var http = context.Request;
        if (HttpMethods.IsGet(http.Method) || HttpMethods.IsHead(http.Method) || http.ContentLength == 0 || http.Headers.ContainsKey("Upgrade"))
        {
            return default;
        }
        if (http.ContentLength > MaxBodyBytes)
        {
            throw ApiError.TooLarge(MaxBodyBytes);
        }
        if (http.ContentLength is { } length)
        {
            var body = new byte[length];
            await http.Body.ReadExactlyAsync(body, cancellationToken);
            return body;
        }
        while (true)
        {
            var read = await http.BodyReader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > MaxBodyBytes)
            {
                throw ApiError.TooLarge(MaxBodyBytes);
            }
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                http.BodyReader.AdvanceTo(read.Buffer.End);
                return body;
            }
            http.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The name that a selector of exactly <c>metadata.name=NAME</c> asks for.</summary>
    internal static string FieldName(string selector)
    {
        const string Prefix = "metadata.name=";
        return selector.StartsWith(Prefix, StringComparison.Ordinal) && !selector.Contains(',') ? selector[Prefix.Length..].TrimStart('=') : "";
    }
}
