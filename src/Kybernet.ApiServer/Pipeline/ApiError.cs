using Kybernet.Api;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Pipeline;

/// <summary>A request's failure, as the <c>Status</c> that the client gets. The factories are every failure that the API has, with upstream's reasons and words.</summary>
/// <param name="status">What the client gets.</param>
public sealed class ApiError(Status status) : Exception(status.Message)
{
    /// <summary>What the client gets.</summary>
    public Status Status { get; } = status;

    /// <summary>The HTTP status code.</summary>
    public int Code => Status.Code ?? 500;

    /// <summary>How long the client should wait before it tries again, in seconds; 0 where it should not.</summary>
    public int RetryAfterSeconds => Status.Details?.RetryAfterSeconds ?? 0;

    /// <summary>Any failure.</summary>
    public static ApiError Of(int code, string reason, string message, StatusDetails? details = null) =>
        new(new Status { StatusValue = "Failure", Message = message, Reason = reason, Code = code, Details = details });

    /// <summary>400: the request makes no sense.</summary>
    public static ApiError BadRequest(string message) => Of(400, "BadRequest", message);

    /// <summary>401: the credentials are missing or wrong.</summary>
    public static ApiError Unauthorized() => Of(401, "Unauthorized", "Unauthorized");

    /// <summary>403: the user may not do this, or the object may not be changed so.</summary>
    public static ApiError Forbidden(GroupResource resource, string name, string why) =>
        Of(403, "Forbidden", name.Length == 0 ? $"{resource} is forbidden: {why}" : $"{resource} \"{name}\" is forbidden: {why}", Details(resource, name));

    /// <summary>404: there is no such object.</summary>
    public static ApiError NotFound(GroupResource resource, string name) => Of(404, "NotFound", $"{resource} \"{name}\" not found", Details(resource, name));

    /// <summary>404: there is no such path.</summary>
    public static ApiError PathNotFound() => Of(404, "NotFound", "the server could not find the requested resource", new StatusDetails());

    /// <summary>405: the resource has no such verb.</summary>
    public static ApiError MethodNotAllowed(GroupResource resource, string verb) =>
        Of(405, "MethodNotAllowed", $"{verb} is not supported on resources of kind \"{resource}\"", Details(resource, ""));

    /// <summary>406: none of the media types that the client takes is served.</summary>
    public static ApiError NotAcceptable(string served) => Of(406, "NotAcceptable", $"only the following media types are accepted: {served}");

    /// <summary>409: an object of that name exists.</summary>
    public static ApiError AlreadyExists(GroupResource resource, string name) =>
        Of(409, "AlreadyExists", $"{resource} \"{name}\" already exists", Details(resource, name));

    /// <summary>409: the object has changed since the client read it, or a precondition does not hold.</summary>
    public static ApiError Conflict(GroupResource resource, string name, string why) =>
        Of(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{name}\": {why}", Details(resource, name));

    /// <summary>409: the object has changed since the client read it.</summary>
    public static ApiError Stale(GroupResource resource, string name) =>
        Conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>410: the revision asked for is no longer kept.</summary>
    public static ApiError Expired(string message) => Of(410, "Expired", message);

    /// <summary>413: the body is too large.</summary>
    public static ApiError TooLarge(long limitBytes) =>
        Of(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limitBytes}");

    /// <summary>415: the body is of a type that is not understood here.</summary>
    public static ApiError UnsupportedMediaType(string accepted) =>
        Of(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}");

    /// <summary>422: fields are wrong; every one of them is a cause.</summary>
    public static ApiError Invalid(GroupVersionKind kind, string name, IReadOnlyList<FieldError> errors)
    {
        var list = errors.Count == 1 ? errors[0].ToString() : $"[{string.Join(", ", errors)}]";
        return Of(422, "Invalid", $"{(kind.Group.Length == 0 ? kind.Kind : $"{kind.Kind}.{kind.Group}")} \"{name}\" is invalid: {list}", new StatusDetails
        {
            Name = name,
            Group = kind.Group.Length == 0 ? null : kind.Group,
            Kind = kind.Kind,
            Causes = errors.Select(error => new StatusCause { Reason = error.Reason.ToString(), Message = error.Message, Field = error.Field }).ToArray(),
        });
    }

    /// <summary>429: later.</summary>
    public static ApiError TooManyRequests(string message, int retryAfterSeconds, StatusDetails? details = null) =>
        Of(429, "TooManyRequests", message, (details ?? new StatusDetails()) with { RetryAfterSeconds = retryAfterSeconds });

    /// <summary>500: something went wrong here.</summary>
    public static ApiError Internal(string message) =>
        Of(500, "InternalError", $"Internal error occurred: {message}", new StatusDetails { Causes = [new StatusCause { Message = message }] });

    /// <summary>503: the store or another server cannot be reached.</summary>
    public static ApiError Unavailable(string message) => Of(503, "ServiceUnavailable", message);

    /// <summary>504: the revision asked for is not reached yet, or the request took too long.</summary>
    public static ApiError Timeout(string message, int retryAfterSeconds, StatusDetails? details = null) =>
        Of(504, "Timeout", message, (details ?? new StatusDetails()) with { RetryAfterSeconds = retryAfterSeconds });

    private static StatusDetails Details(GroupResource resource, string name) => new()
    {
        Name = name.Length == 0 ? null : name,
        Group = resource.Group.Length == 0 ? null : resource.Group,
        Kind = resource.Resource,
    };
}
