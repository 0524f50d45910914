using Grpc.Core;
using Kybernet.Kubelet.Devices.V1Beta1;

namespace Kybernet.Kubelet.Devices;

/// <summary>Where device plugins make themselves known.</summary>
internal sealed class DeviceRegistration(DeviceManager manager, DevicePaths paths) : Registration.RegistrationBase
{
    /// <summary>The version of the interface.</summary>
    public const string Version = "v1beta1";

    public override Task<Empty> Register(RegisterRequest request, ServerCallContext context)
    {
        if (request.Version != Version)
        {
            throw Refusal($"requested API version \"{request.Version}\" is not supported by kubelet. Supported version is [\"{Version}\"]");
        }
        if (!ExtendedResource.IsName(request.ResourceName))
        {
            throw Refusal($"the ResourceName \"{request.ResourceName}\" is invalid");
        }
        manager.Register(request.ResourceName, Path.Combine(paths.Plugins, request.Endpoint), request.Options ?? new DevicePluginOptions());
        return Task.FromResult(new Empty());
    }

    private static RpcException Refusal(string why) => new(new Status(StatusCode.Unknown, why));
}
