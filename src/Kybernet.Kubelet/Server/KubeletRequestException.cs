namespace Kybernet.Kubelet.Server;

/// <summary>Thrown where a request to the kubelet's own API is answered with a failure.</summary>
internal sealed class KubeletRequestException(int statusCode, string message) : Exception(message)
{
    public int StatusCode { get; } = statusCode;
}
