using Grpc.Core;

namespace Kybernet.Kubelet.Runtime;

/// <summary>Waits for the runtime's answers, and tells its refusals in the kubelet's own words.</summary>
internal static class RuntimeCalls
{
    /// <exception cref="ContainerRuntimeException">The runtime refused, or is not there.</exception>
    public static async Task<T> RunAsync<T>(AsyncUnaryCall<T> call, CancellationToken cancellationToken)
    {
        using (call)
        {
            try
            {
                return await call.ResponseAsync;
            }
            catch (RpcException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new ContainerRuntimeException(exception.StatusCode, exception.Status.Detail, exception);
            }
        }
    }

    /// <summary>The answer; null where what was asked for does not exist.</summary>
    /// <exception cref="ContainerRuntimeException">The runtime refused, or is not there.</exception>
    public static async Task<T?> FindAsync<T>(AsyncUnaryCall<T> call, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await RunAsync(call, cancellationToken);
        }
        catch (ContainerRuntimeException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }
}
