using Kybernet.Api.Json;
using Kybernet.ApiServer.Aggregation;
using Kybernet.ApiServer.Audit;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.FlowControl;
using Kybernet.ApiServer.Rest;
using Kybernet.Store;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Pipeline;

/// <summary>
/// The one way that every request takes, from the network or from inside the process: authenticate, record, wait for its turn, authorise, route. What comes out is an answer;
/// what fails on the way is a <c>Status</c>.
/// </summary>
internal sealed partial class ApiPipeline(
    IAuthenticator authenticator,
    Auditor? auditor,
    IAuthorizer authorizer,
    Impersonation impersonation,
    IFlowControl flowControl,
    AggregationProxy aggregation,
    ResourceRouter router,
    IReadOnlyList<IPathHandler> pathHandlers,
    RequestMetrics metrics,
    Action<ApiRequest, ApiResponse>? observe,
    TimeProvider time,
    ILogger<ApiPipeline> logger)
{
    /// <summary>
    /// Answers a request. What it holds of the server (<see cref="ApiRequest.Ticket"/>) is the caller's to give back, once the answer is written: a long
    /// list is work until then.
    /// </summary>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var answer = await AnswerAsync(request, cancellationToken);
        request.Audit?.Answered(answer);
        var response = YamlAnswers.Translate(request, answer);
        if (response is WatchResponse or ConnectionResponse)
        {
            request.Ticket?.Dispose(); // what follows may last for as long as the client likes
        }
        metrics.Record(request.Info, response.StatusCode, time.GetElapsedTime(began));
        observe?.Invoke(request, response);
        return response;
    }

    /// <summary>A failure as the client gets it.</summary>
    public static ApiResponse Fail(ApiError error) => BodyResponse.Json(error.Code, ModelJson.ToUtf8(error.Status));

    private async ValueTask<ApiResponse> AnswerAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var user = request.User ?? await authenticator.AuthenticateAsync(request, cancellationToken) ?? UserInfo.Anonymous;
            if (auditor is not null)
            {
                await auditor.BeginAsync(request, user, time.GetUtcNow(), cancellationToken);
            }
            request.User = await impersonation.ApplyAsync(request, user, cancellationToken);
            request.Audit?.ActsAs(request.User);
            request.Ticket = await flowControl.AdmitAsync(request, cancellationToken);
            if (request.Ticket.IsRefused)
            {
                return BodyResponse.Text(429, "Too many requests, please try again later.\n");
            }
            var decision = await authorizer.AuthorizeAsync(request.User, request.Info, cancellationToken);
            request.Audit?.Decided(decision);
            if (!decision.Allowed)
            {
                throw ForbiddenError.For(request.User, request.Info, decision.Reason);
            }
            if (aggregation.Find(request) is { } remote)
            {
                return await aggregation.HandleAsync(remote, request, cancellationToken);
            }
            return request.Info.IsResourceRequest
                ? await router.HandleAsync(request, cancellationToken)
                : await HandlePathAsync(request, cancellationToken);
        }
        catch (ApiError error)
        {
            return Fail(error);
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreUnavailable(exception, request.Info.Verb, request.Path);
            return Fail(ApiError.Internal(exception.Message));
        }
        catch (UncertainWriteException exception)
        {
            LogStoreUnavailable(exception, request.Info.Verb, request.Path);
            return Fail(ApiError.Timeout(exception.Message, 1, null));
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailure(exception, request.Info.Verb, request.Path);
            request.Audit?.Failed(exception.Message);
            return Fail(ApiError.Internal(exception.Message));
        }
    }

    private ValueTask<ApiResponse> HandlePathAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        foreach (var handler in pathHandlers)
        {
            if (handler.Handles(request.Path))
            {
                return handler.HandleAsync(request, cancellationToken);
            }
        }
        throw ApiError.PathNotFound();
    }

    [LoggerMessage(LogLevel.Error, "The store could not carry out {Verb} {Path}")]
    private partial void LogStoreUnavailable(Exception exception, string verb, string path);

    [LoggerMessage(LogLevel.Error, "{Verb} {Path} failed")]
    private partial void LogFailure(Exception exception, string verb, string path);
}
