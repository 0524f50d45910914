using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>Decides when a request may go on, so that a busy client cannot take the server from the others.</summary>
internal interface IFlowControl
{
    /// <summary>Waits for the request's turn.</summary>
    /// <param name="request">A request whose user is known.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <returns>What the request holds until it is answered, or why it is not to go on.</returns>
    /// <exception cref="OperationCanceledException">The client went away while it waited.</exception>
    ValueTask<FlowTicket> AdmitAsync(ApiRequest request, CancellationToken cancellationToken);
}
