using Kybernet.Api.Meta.V1;

namespace Kybernet.Client;

/// <summary>Thrown when an API server answers a request with a failure; says what its <c>Status</c> says.</summary>
/// <param name="status">The server's answer.</param>
public sealed class ApiException(Status status) : Exception(status.Message ?? status.Reason ?? "the API server refused the request")
{
    /// <summary>The server's answer.</summary>
    public Status Status { get; } = status;

    /// <summary>The HTTP status code.</summary>
    public int Code => Status.Code ?? 0;

    /// <summary>The machine-readable reason, as in <c>AlreadyExists</c>; empty where there is none.</summary>
    public string Reason => Status.Reason ?? "";

    /// <summary>Whether what was named does not exist.</summary>
    public bool IsNotFound => Code == 404;

    /// <summary>Whether the write was refused because the object had changed in between, or a precondition did not hold.</summary>
    public bool IsConflict => Code == 409 && Reason == "Conflict";

    /// <summary>Whether an object of that name exists already.</summary>
    public bool IsAlreadyExists => Code == 409 && Reason == "AlreadyExists";

    /// <summary>Whether a list or watch asked for a revision that is no longer kept.</summary>
    public bool IsGone => Code == 410;
}

/// <summary>Thrown when an API server cannot be reached, or the connection to it broke. The request may or may not have been carried out.</summary>
public sealed class ApiUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
