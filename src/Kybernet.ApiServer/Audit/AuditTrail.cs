using System.Net;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Audit.Events;
using Kybernet.ApiServer.Audit.Policy;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http.Extensions;

namespace Kybernet.ApiServer.Audit;

/// <summary>What is being recorded of one request, from when it came in to when it is answered.</summary>
internal sealed class AuditTrail
{
    private const int MaxUserAgent = 1024;

    private readonly Auditor _auditor;
    private readonly AuditConfig _config;
    private readonly ReadOnlyMemory<byte> _sent;
    private AuditEvent _event;
    private bool _hasStarted;

    /// <param name="auditor">Whom events go to.</param>
    /// <param name="config">How the request is recorded.</param>
    /// <param name="request">The request.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="received">When the request came in.</param>
    public AuditTrail(Auditor auditor, AuditConfig config, ApiRequest request, UserInfo user, DateTimeOffset received)
    {
        (_auditor, _config) = (auditor, config);
        _sent = AuditBodies.Sent(request);
        IsLongRunning = request.Info is { Verb: "watch" } or { Subresource: "attach" or "exec" or "proxy" or "log" or "portforward" };
        _event = new AuditEvent(request.AuditId, config.Level, AuditStage.RequestReceived, request.Info, UriOf(request), user, received, received)
        {
            SourceIPs = SourcesOf(request),
            UserAgent = request.UserAgent.Length > MaxUserAgent ? request.UserAgent[..MaxUserAgent] + "...TRUNCATED" : request.UserAgent,
        };
    }

    /// <summary>Where those who handle the request note what they have to say.</summary>
    public AuditAnnotations Annotations { get; } = new();

    /// <summary>Whether its answer may go on for long, so that its beginning is recorded too.</summary>
    public bool IsLongRunning { get; }

    /// <summary>Records that the request has come in.</summary>
    /// <returns>Whether the request may go on.</returns>
    public ValueTask<bool> ReceivedAsync(CancellationToken cancellationToken) => RecordAsync(_event, cancellationToken);

    /// <summary>Takes note of as whom the request is to be taken.</summary>
    public void ActsAs(UserInfo user) => _event = ReferenceEquals(user, _event.User) ? _event : _event with { ImpersonatedUser = user };

    /// <summary>Takes note of whether the request is allowed.</summary>
    public void Decided(AuthorizationDecision decision)
    {
        Annotations.Add("authorization.k8s.io/decision", decision.Allowed ? "allow" : "forbid");
        Annotations.Add("authorization.k8s.io/reason", decision.Reason);
    }

    /// <summary>Takes note of a fault of the server.</summary>
    public void Failed(string message) => _event = _event with
    {
        Stage = AuditStage.Panic,
        ResponseStatus = new Status { StatusValue = "Failure", Reason = "InternalError", Code = 500, Message = $"APIServer panic'd: {message}" },
    };

    /// <summary>Takes note of the answer.</summary>
    public void Answered(ApiResponse response)
    {
        if (_event.Stage == AuditStage.Panic)
        {
            return;
        }
        var isWrite = _event.Request is { IsResourceRequest: true, Verb: "create" or "update" or "patch" };
        _event = _event with
        {
            Stage = AuditStage.ResponseComplete,
            ResponseStatus = response is ConnectionResponse ? null : AuditBodies.StatusOf(response),
            Object = !isWrite ? null : AuditBodies.ObjectOf(_sent) ?? (response is ObjectResponse made ? new AuditedObject(made.Object.Key.Namespace, made.Object.Key.Name, "", "") : null),
            RequestObject = _config.Level >= AuditLevel.Request ? Filtered(_sent) : default,
            ResponseObject = _config.Level >= AuditLevel.RequestResponse && !IsLongRunning ? Filtered(AuditBodies.Answered(response)) : default,
        };
    }

    /// <summary>Records that an answer begins that may go on for long.</summary>
    public async ValueTask StartedAsync(int code, CancellationToken cancellationToken)
    {
        _hasStarted = true;
        var status = _event.ResponseStatus ?? new Status { Code = code };
        await RecordAsync(_event with { Stage = AuditStage.ResponseStarted, ResponseStatus = status, Annotations = Annotations.Snapshot(), Time = _auditor.Now }, cancellationToken);
    }

    /// <summary>Records that the request is answered.</summary>
    /// <param name="code">What it was answered with, where the answer does not say so.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask CompletedAsync(int code, CancellationToken cancellationToken)
    {
        if (IsLongRunning && !_hasStarted && _event.Stage != AuditStage.Panic)
        {
            await StartedAsync(code, cancellationToken);
        }
        var status = _event.ResponseStatus ?? new Status { Code = code };
        var stage = _event.Stage == AuditStage.Panic ? AuditStage.Panic : AuditStage.ResponseComplete;
        await RecordAsync(_event with { Stage = stage, ResponseStatus = status, Annotations = Annotations.Snapshot(), Time = _auditor.Now }, cancellationToken);
    }

    private ValueTask<bool> RecordAsync(AuditEvent item, CancellationToken cancellationToken) =>
        _config.OmitStages.Contains(item.Stage) ? new(true) : _auditor.RecordAsync(item, cancellationToken);

    private ReadOnlyMemory<byte> Filtered(ReadOnlyMemory<byte> body) => _config.OmitManagedFields ? AuditBodies.WithoutManagedFields(body) : body;

    private static string UriOf(ApiRequest request) => request.HttpContext is { } context
        ? context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent()
        : request.Path + new QueryBuilder(request.Query).ToQueryString().ToUriComponent();

    // As proxies tell it, which anybody could, and at the end whom the connection is from, which nobody can pretend.
    private static List<string> SourcesOf(ApiRequest request)
    {
        var sources = new List<IPAddress>();
        var told = $"{request.Headers?["X-Forwarded-For"]}".Split(',');
        foreach (var part in told)
        {
            if (IPAddress.TryParse(part.Trim(), out var address))
            {
                sources.Add(address);
            }
        }
        if (IPAddress.TryParse($"{request.Headers?["X-Real-Ip"]}", out var real) && !sources.Contains(real))
        {
            sources.Add(real);
        }
        if (request.HttpContext?.Connection.RemoteIpAddress is { } remote)
        {
            remote = remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote;
            if (sources.Count == 0 || !sources[^1].Equals(remote))
            {
                sources.Add(remote);
            }
        }
        return sources.ConvertAll(static address => address.ToString());
    }
}
