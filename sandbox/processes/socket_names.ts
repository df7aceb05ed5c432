/** Where the controller answers the API's webhooks: no TCP of the host reaches its namespace. */
export const webhookSocketName = "webhooks";
