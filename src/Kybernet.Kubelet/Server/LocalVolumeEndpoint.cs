using Kybernet.Kubelet.Volumes;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server;

/// <summary>Makes and removes folders of the node for the cluster's own provisioner. Upstream's kubelet has nothing like it.</summary>
internal sealed class LocalVolumeEndpoint(LocalFolders folders)
{
    public async Task HandleAsync(HttpContext context, string volume)
    {
        try
        {
            if (HttpMethods.IsPut(context.Request.Method))
            {
                await PlainText.RespondAsync(context, StatusCodes.Status200OK, folders.Create(volume));
            }
            else if (HttpMethods.IsDelete(context.Request.Method))
            {
                folders.Remove(volume);
                await PlainText.RespondAsync(context, StatusCodes.Status200OK, "");
            }
            else
            {
                throw new KubeletRequestException(StatusCodes.Status405MethodNotAllowed, "405 method not allowed");
            }
        }
        catch (VolumeException exception)
        {
            throw new KubeletRequestException(StatusCodes.Status400BadRequest, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubeletRequestException(StatusCodes.Status500InternalServerError, exception.Message);
        }
    }
}
