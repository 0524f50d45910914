using Grpc.Core;

namespace Kybernet.Store.Etcd;

/// <summary>What a failed call says about what etcd did.</summary>
internal static class EtcdFailure
{
    private const string NoLeader = "etcdserver: no leader";
    private const string Compacted = "required revision has been compacted";
    private const string Future = "required revision is a future revision";
    private const string NoLease = "requested lease not found";

    public static bool IsCompacted(this RpcException exception) => exception.Says(StatusCode.OutOfRange, Compacted);

    public static bool IsFuture(this RpcException exception) => exception.Says(StatusCode.OutOfRange, Future);

    public static bool IsNoLease(this RpcException exception) => exception.Says(StatusCode.NotFound, NoLease);

    /// <summary>Whether another member may do better, or the same one a little later.</summary>
    public static bool IsTransient(this RpcException exception) =>
        exception.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Internal or StatusCode.Unknown or StatusCode.Cancelled
        || exception.IsUnsent();

    /// <summary>Whether it is certain that etcd did nothing, so that the same may be asked again: there was no connection, or no leader to ask.</summary>
    public static bool IsUnsent(this RpcException exception) =>
        exception.Says(StatusCode.Unavailable, NoLeader)
        || exception.Status.DebugException is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        };

    /// <summary>Whether etcd answered that it will not do it, so that nothing was written.</summary>
    public static bool IsRefusal(this RpcException exception) =>
        exception.StatusCode is StatusCode.ResourceExhausted or StatusCode.InvalidArgument or StatusCode.PermissionDenied or StatusCode.Unauthenticated
            or StatusCode.FailedPrecondition or StatusCode.NotFound or StatusCode.OutOfRange or StatusCode.Unimplemented;

    public static StoreUnavailableException ToUnavailable(this RpcException exception, EtcdMember member) =>
        new($"etcd at {member.Endpoint.Authority}: {exception.Reason()}", exception);

    public static UncertainWriteException ToUncertain(this RpcException exception, EtcdMember member) =>
        new($"etcd at {member.Endpoint.Authority}: {exception.Reason()}; the write may have happened or not", exception);

    private static bool Says(this RpcException exception, StatusCode code, string text) =>
        exception.StatusCode == code && exception.Status.Detail.Contains(text, StringComparison.Ordinal);

    private static string Reason(this RpcException exception) =>
        exception.StatusCode == StatusCode.DeadlineExceeded ? "no answer in time" : exception.Status.Detail;
}
